"""What tests read of a report.html: its elements, texts and pictures."""

import base64
import html.parser
import re
import struct
import zlib

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(html.parser.HTMLParser):
    """Elements as (tag, attributes), texts, and what is wrong with their nesting."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.text, self.elements, self.texts, self.faults, self._open = text, [], [], [], []
        self.feed(text)
        self.close()
        self.faults += [f"left open: {tag}" for tag in self._open]

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"not open: {tag}")

    def handle_data(self, data):
        if data.strip():
            self.texts.append(data.strip())

    def count(self, tag):
        return sum(one == tag for one, _ in self.elements)

    def pictures(self):
        """Width, height and rows of RGBA of each picture."""
        found = [attributes["href"] for tag, attributes in self.elements if tag == "image"]
        return [decode(base64.b64decode(re.fullmatch("data:image/png;base64,(.*)", one)[1], validate=True)) for one in found]


def decode(png):
    """Width, height and rows of RGBA of a file with 8 bits a channel, without interlacing, after ISO/IEC 15948."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data = 8, b""
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + size]
        assert zlib.crc32(kind + body) == struct.unpack(">I", png[at + 8 + size:at + 12 + size])[0]
        if kind == b"IHDR":
            width, height, bits, colours, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert bits == 8 and colours in (2, 6) and interlaced == 0
            step = 4 if colours == 6 else 3
        if kind == b"IDAT":
            data += body
        at += 12 + size
    raw, stride, rows = zlib.decompress(data), step * width, [bytearray(step * width)]
    for y in range(height):
        kind, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        above = rows[-1]
        for i in range(stride):
            a, b, c = (line[i - step] if i >= step else 0), above[i], (above[i - step] if i >= step else 0)
            if kind == 4:
                p = a + b - c
                guess = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            else:
                guess = (0, a, b, (a + b) // 2)[kind]
            line[i] = (line[i] + guess) & 255
        rows.append(line)
    if step == 3:
        rows = [bytearray(b"".join(row[i:i + 3] + b"\xff" for i in range(0, len(row), 3))) for row in rows]
    return width, height, rows[1:]


def colours(picture):
    """The different opaque colours."""
    _, _, rows = picture
    return {bytes(row[i:i + 3]) for row in rows for i in range(0, len(row), 4) if row[i + 3] == 255}


def differing(one, other):
    """Share of the pixels whose colours differ by more than 3 in a channel."""
    assert one[:2] == other[:2]
    bad = sum(any(abs(a[i + k] - b[i + k]) > 3 for k in range(4)) for a, b in zip(one[2], other[2]) for i in range(0, len(a), 4))
    return bad / (one[0] * one[1])
