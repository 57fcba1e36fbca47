"""Malformed and odd tables of recordings, with the right outcome of each."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Case:
    """A table that must be read, or refused.

    Attributes:
        name: what is odd about it.
        table: its bytes.
        refused: pattern of the error; None if it can be read.
        labels: of its recordings, joined by commas; None if refused.
    """

    name: str
    table: bytes
    refused: str | None = None
    labels: str | None = None


def bad(name, table, refused) -> Case:
    """A table to be refused."""
    return Case(name, _bytes(table), refused=refused)


def odd(name, table, labels) -> Case:
    """A table to be read."""
    return Case(name, _bytes(table), labels=labels)


def _bytes(table) -> bytes:
    return table if isinstance(table, bytes) else table.encode()


def _row(cells: str, columns="path,a") -> str:
    return f"{columns}\n{cells}\n"


_TWO = "x.wav,1\ny.wav,2\n"
_TIMES = "path,a,start_s,end_s"
_CLASS = "row 2: .* begins or ends with a space"

SHAPES = [
    bad("empty", "", "no column 'path'"),
    bad("a blank line", "\n", "no column 'path'"),
    bad("blank lines", "\n\n\n", "no column 'path'"),
    bad("header only", "path,a\n", "lists no recordings"),
    bad("header without an end", "path,a", "lists no recordings"),
    odd("semicolons", "path;a\nx.wav;1\n", "1"),
    odd("tabs", "path\ta\nx.wav\t1\n", "1"),
    odd("semicolons, a comma in a cell", 'a;path\n1;"x;y"\n"2,5";z\n', "1,2,5"),
    odd("a comma in a name", "path;a;b, if any\nx;1;\ny;2;\n", "1,2"),
    odd("a semicolon in a name", 'path,"b;c;d;e",a\nx,,1\ny,,2\n', "1,2"),
    odd("a quoted header", '"path"\t"a"\n"x\ty"\t"1"\n', "1"),
    bad("two separators", "path;a\nx.wav,1\n", "row 2: 1 columns, not 2"),
    bad("bars", "path|a\nx.wav|1\n", "by commas, semicolons or tabs"),
    bad("spaces", "path a\nx.wav 1\n", "by commas, semicolons or tabs"),
    bad("no header", _TWO, "no column 'path'"),
    bad("capitals in the header", "Path,a\n" + _TWO, "no column 'path'"),
    bad("no path", "file,a\n" + _TWO, "no column 'path'"),
    bad("no labels", "path\nx.wav\n", "no column with labels"),
    bad("only places", _row("x,0,1", "path,start_s,end_s"), "no column with"),
    bad("a column twice", _row("x,1,2", "path,a,a"), "two columns of the same"),
    bad("a path twice", _row("x,y,2", "path,path,a"), "two columns of the"),
    bad("a row too long", _row("x,1,2"), "row 2: 3 columns, not 2"),
    bad("a row too short", _row("x"), "row 2: 1 columns, not 2"),
    bad("commas at the end", "path,a\nx,1,\n", "row 2: 3 columns, not 2"),
    odd("a comma in the header", "path,a,\nx,1,\n", "1"),
    odd("a column of row numbers", ",path,a\n0,x,1\n1,y,2\n", "1,2"),
    bad("rows of commas", "path,a\nx,1\n,\n", "row 3: 'path' is empty"),
    bad("ragged after blanks", "path,a\n\n\nx\n", "row 4: 1 columns"),
    odd("blank lines between", "path,a\n\nx,1\n\n\ny,2\n\n", "1,2"),
    odd("no end of line", "path,a\nx,1\ny,2", "1,2"),
    odd("lines of Windows", "path,a\r\nx,1\r\ny,2\r\n", "1,2"),
    odd("lines of the old Mac", "path,a\rx,1\ry,2\r", "1,2"),
    odd("a quoted comma", 'path,a\n"x,y.wav",1\nz,2\n', "1,2"),
    odd("a quoted line end", 'path,a\n"x\ny.wav",1\nz,2\n', "1,2"),
    bad("a quote not closed", 'path,a\n"x,1\ny,2\n', "not a CSV in UTF-8"),
    bad("the last quote open", 'path,a\nx,1\ny,"2\n', "not a CSV in UTF-8"),
    bad("text after a quote", 'path,a\n"x"y,1\n', "not a CSV in UTF-8"),
    bad("a very long field", f"path,a\nx,{'1' * 200000}\n", "field larger"),
]
ENCODINGS = [
    odd("a byte order mark", "\ufeffpath,a\n" + _TWO, "1,2"),
    bad(
        "latin-1",
        "path,a\ny,1\nx,\xe9\n".encode("latin-1"),
        "probably in Latin-1, in which line 3 is 'x,\xe9'; save .* -f LATIN1",
    ),
    bad(
        "latin-1 at the start of a line",
        "path,a\r\xe9,1\r".encode("latin-1"),
        "line 2 is '\xe9,1'",
    ),
    *(
        bad(codec, ("path,a\n" + _TWO).encode(codec), f"UTF-16; .*-f {name} -t")
        for codec, name in (
            ("utf-16", "UTF-16"),
            ("utf-16-le", "UTF-16LE"),
            ("utf-16-be", "UTF-16BE"),
        )
    ),
    bad("UTF-16 and BE mark", "\ufeffpath,a".encode("utf-16-be"), "in UTF-16;"),
    bad("a NUL in a path", "path,a\nx\0.wav,1\n", "'path' holds a NUL"),
    bad("a NUL in a label", "path,a\nx,1\0\n", "character that is not text"),
    bad("a NUL in a header", "path,a\0\nx,1\n", "character that is not text"),
    bad("a picture", b"\x89PNG\r\n\x1a\n\0\0", "not a CSV in UTF-8"),
    bad("a zip", b"PK\3\4" + bytes(60), "a spreadsheet or an archive"),
    bad("an old spreadsheet", b"\xd0\xcf\x11\xe0" + bytes(60), "spreadsheet"),
]
CELLS = [
    bad("no path in a row", _row(",1"), "row 2: 'path' is empty"),
    bad("no label in a row", _row("x,"), "row 2: no label in a"),
    odd("a label of two", _row("x,1,\ny,,2", "path,a,b"), "1,2"),
    bad("another split", _row("x,1,dev", "path,a,split"), "row 2: 'split'"),
    bad("a split in capitals", _row("x,1,TEST", "path,a,split"), "'split'"),
    bad("a split and a space", _row("x,1,test ", "path,a,split"), "'split'"),
    bad("a group and a space", _row("x,1,g ", "path,a,group"), _CLASS),
    *(
        bad(f"start_s is {text}", _row(f"x,1,{text},", _TIMES), "'start_s'")
        for text in ("-1", "nan", "inf", "1e999", "one", '"0,5"', "0:30")
    ),
    bad("end_s is negative", _row("x,1,,-1", _TIMES), "row 2: 'end_s'"),
    bad("end_s is nan", _row("x,1,,nan", _TIMES), "row 2: 'end_s'"),
    bad("reversed", _row("x,1,2,1", _TIMES), r"'end_s' \(1\) must be more"),
    bad("of no length", _row("x,1,2,2", _TIMES), r"'end_s' \(2\) must be more"),
    bad("ending at 0", _row("x,1,,0", _TIMES), r"'end_s' \(0\) must be more"),
    odd("of both ends", _row("x,1,1.5,2e0", _TIMES), "1"),
    odd("decimal commas", "path;a;start_s\nx;1;0,5\nx;2;1,25\n", "1,2"),
]
LABELS = [
    bad("a leading space", _row("x, wren"), _CLASS),
    bad("a space at the end", _row("x,wren "), _CLASS),
    bad("a no-break space", _row("x,wren\xa0"), _CLASS),
    bad("a line end", _row('x,"a\nb"'), "character that is not text"),
    bad("a tab", _row("x,a\tb"), "character that is not text"),
    bad("a terminal code", _row("x,\x1b[2J"), "character that is not text"),
    bad("a paragraph end", _row("x,a\u2029b"), "character that is not text"),
    odd("two Unicode forms", _row("x,e\u0301\ny,\xe9"), "\xe9,\xe9"),
    odd("case twins", _row("x,Robin\ny,robin"), "Robin,robin"),
    odd("a path", _row("x,../x\ny,/etc"), "../x,/etc"),
    odd("a script", _row("x,<script>\ny,=1+1"), "<script>,=1+1"),
    odd("other scripts", _row("x,می‌خواهم\ny,鳥"), "می‌خواهم,鳥"),
    bad("a task that climbs", _row("x,1", "path,../a"), "a task called"),
    bad("a task from the root", _row("x,1", "path,/a"), "a task called"),
    bad("a task of dots", _row("x,1", "path,.."), "a task called"),
    bad("a task of two words", _row("x,1", "path,a b"), "rename the column"),
    bad("a task of no layer's name", _row("x,1", "path,ä"), "a task called"),
    bad("a task and a space", _row("x,1", "path, a"), "header: ' a' begins"),
]
TWICE = [
    bad("a row twice", _row("x,1\nx,1"), "row 3: the same recording as in row"),
    bad("another label", _row("x,1\nx,2"), "with another labels; remove one"),
    bad(
        "another split",
        _row("x,1,train\nx,1,test", "path,a,split"),
        "row 3: .* row 2, with another split",
    ),
    bad(
        "another group",
        _row("x,1,g\nx,2,h", "path,a,group"),
        "with another labels and group",
    ),
    bad("another spelling", _row("x,1\n./x,1"), "the same recording"),
    bad("a way round", _row("x,1\nb/../x,1"), "the same recording"),
    bad("after a blank", _row("x,1\n\nx,1"), "row 4: .* as in row 2"),
    odd("other segments", _row("x,1,0,1\nx,2,1,2", _TIMES), "1,2"),
]
CASES = [*SHAPES, *ENCODINGS, *CELLS, *LABELS, *TWICE]
