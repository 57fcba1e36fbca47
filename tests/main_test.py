"""The command: its help, its version and what it says of mistakes."""

import importlib
import subprocess
import sys

import pytest

import audio_diffstride
from audio_diffstride.__main__ import COMMANDS, call, main, parse
from audio_diffstride.errors import UserError


def test_help_lists_every_command(capsys):
    assert main(["--help"]) == main([]) == 0
    printed = capsys.readouterr().out
    for name, command in COMMANDS.items():
        assert f"  {name} " in printed and command.summary in printed


def test_version(capsys):
    assert main(["--version"]) == 0
    printed = capsys.readouterr().out
    assert printed == f"audio-diffstride {audio_diffstride.__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_help_shows_an_example_of_it(name, capsys):
    with pytest.raises(SystemExit) as stopped:
        parse(name, ["--help"])
    assert stopped.value.code == 0
    assert f"\n    audio-diffstride {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["evalute"], "there is no command evalute; did you mean evaluate?"),
        (["x"], "there is no command x; see --help"),
        (
            ["report", "--workdri=a", "--workdir=b"],
            "there is no flag --workdri; did you mean --workdir?",
        ),
        (
            ["train", "--workdir=a", "--config.trainin.num_steps=5"],
            "did you mean --config.training.num_steps?",
        ),
        (["report"], "the following arguments are required: --workdir"),
        (["report", "--workdir=b", "c"], "'c' is not understood; flags begin"),
        (
            ["evaluate", "--workdir=b", "--split=tset"],
            "argument --split: invalid choice: 'tset'",
        ),
        (
            ["evaluate", "--workdir=b", "--split=tset"],
            "); did you mean test?\n",
        ),
    ],
)
def test_a_mistake_is_one_sentence_and_status_2(words, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    printed = capsys.readouterr().err
    assert printed.startswith("error: ") and printed.count("\n") == 1
    assert message in printed


def test_flags_are_not_abbreviated():
    with pytest.raises(UserError, match="no flag --work; did you mean"):
        call("report", ["--work=a", "--workdir=b"])


def test_ctrl_c_names_what_to_do(monkeypatch, capsys):
    def interrupted(args):
        raise KeyboardInterrupt

    for name, end in (("predict", "to continue\n"), ("cutoffs", "stopped\n")):
        module = importlib.import_module(
            f"audio_diffstride.{COMMANDS[name].module}"
        )
        monkeypatch.setattr(module, "run", interrupted)
        argv = {
            "predict": ["a", "--workdir=b", "--output=c"],
            "cutoffs": ["--workdir=b"],
        }
        assert main([name, *argv[name]]) == 130
        assert capsys.readouterr().err.endswith(end)


def test_help_needs_neither_keras_nor_tensorflow():
    program = (
        "import sys\n"
        "from audio_diffstride.__main__ import COMMANDS, main, parse\n"
        "main(['--help'])\n"
        "for name in COMMANDS:\n"
        "    try:\n"
        "        parse(name, ['--help'])\n"
        "    except SystemExit:\n"
        "        pass\n"
        "assert not {'keras', 'tensorflow'} & {*sys.modules}\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
