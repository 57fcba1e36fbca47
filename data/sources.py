"""From the `data` section of a config to stores."""

from __future__ import annotations

from audio_diffstride.datasets.opening import open_store
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError
from data import prepare, tasks
from data.contents import ImageContent

_EXAMPLES = ("quickstart", "cifar_resnet18")  # configs of sound, of images


def open_stores(config) -> list[Store]:
    """The stores that a config asks for.

    Own recordings and embedded data sets are prepared if they are not yet; a
    data set that has to be downloaded is not: that is `data.prepare`'s job.

    Args:
        config: a whole config; see configs/default.py.

    Returns:
        One store per source, each task in one of them only.

    Raises:
        UserError: for sources that are unknown, not prepared, of sound where
            the config is of images or the reverse, or have a task of the same
            name.
    """
    data = config.data
    wanted = _names(data.tasks)
    stores = []
    for source in _names(data.source):
        if source == "audio_files":
            stores += _own(config, wanted)
        else:
            stores.append(_named(config, source))
    there = [task for store in stores for task in store.tasks]
    for task in wanted:
        if task not in there:
            raise UserError(
                f"no source has a task {task!r}; there are {', '.join(there)}"
            )
    if wanted:
        stores = [store.only(wanted) for store in stores]
    _check_owners(stores)
    return [store for store in stores if store.tasks]


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _own(config, wanted) -> list[Store]:
    from audio_diffstride.recordings import preparation

    data = config.data
    if not data.path:
        raise UserError(
            "data.path is empty; give a folder with a sub-folder per class, or "
            "a CSV: --config.data.path=PATH"
        )
    paths = _names(data.path)
    return [
        preparation.prepare(
            path,
            wanted if len(paths) == 1 else (),
            data.store_dir,
            config.front_end.sample_rate_hz,
            data.skip_bad_files,
            test_group=data.test_group,
        )
        for path in paths
    ]


def _named(config, name: str) -> Store:
    dataset = tasks.find(name)
    of_images = isinstance(dataset.content, ImageContent)
    if of_images != ("image" in config):
        kinds = ("sound", "images")
        own, other = kinds[of_images], kinds[not of_images]
        raise UserError(
            f"data.source {name} is {own}, but the config is of {other}; give "
            f"another data.source, or a config of {own} such as "
            f"configs/{_EXAMPLES[of_images]}.py"
        )
    split_name, _ = dataset.rule(config.data.split)
    if dataset.embedded:
        return prepare.prepare(name, split_name, config.data.store_dir)
    path = prepare.store_path(name, split_name, config.data.store_dir)
    if not path.exists():
        raise UserError(
            f"{name} is not prepared in {path}; run `python -m data.prepare "
            f"--dataset {name} --split {split_name}`, with --manual_dir DIR if "
            "you have its archives"
        )
    return open_store(path)


def _check_owners(stores: list[Store]):
    owner = {}
    for store in stores:
        for task in store.tasks:
            if task in owner:
                raise UserError(
                    f"{owner[task]} and {store.name} both have a task "
                    f"{task!r}; pick others by data.tasks, or rename a column"
                )
            owner[task] = store.name
