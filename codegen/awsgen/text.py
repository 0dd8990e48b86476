"""Writing C++: literals, and rows that are broken where a reader would."""

WIDTH = 110


def literal(text):
    """A C++ string literal; "nullptr" for an empty text."""
    if not text:
        return "nullptr"
    return quoted(text)


def quoted(text):
    out = []
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif " " <= char <= "~":
            out.append(char)
        else:
            out.append("".join(f"\\{byte:03o}" for byte in char.encode()))
    return '"' + "".join(out) + '"'


def row(head, fields, tail, indent=4):
    """`head` + the fields with commas + `tail`, broken after commas where the line is full."""
    lines, line = [], " " * indent + head
    for number, field in enumerate(fields):
        piece = field + ("," if number + 1 < len(fields) else tail)
        if len(line) + 1 + len(piece) > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = " " * (indent + 4)
        line += piece + " "
    lines.append(line.rstrip() if fields else line + tail)
    return lines


def trimmed(fields, defaults):
    """The fields without those at the end that are the default anyway."""
    kept = list(fields)
    while kept and kept[-1] == defaults[len(kept) - 1]:
        kept.pop()
    return kept
