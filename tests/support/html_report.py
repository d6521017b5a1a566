"""What tests read of a report.html: its elements, texts and pictures."""

import base64
import ctypes
import html.parser
import re

import numpy

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
        """Pixels of each picture, see decode()."""
        found = [attributes["href"] for tag, attributes in self.elements if tag == "image"]
        return [decode(base64.b64decode(re.fullmatch("data:image/png;base64,(.*)", one)[1], validate=True)) for one in found]


class _Image(ctypes.Structure):
    """png_image of libpng's png.h."""
    _fields_ = [("opaque", ctypes.c_void_p), *((name, ctypes.c_uint32) for name in ("version", "width", "height", "format", "flags",
                                                                                    "colormap_entries", "warning_or_error")),
                ("message", ctypes.c_char * 64)]


def decode(png):
    """Pixels of a PNG file, an array (height, width, 4) of RGBA, as libpng reads them."""
    library, image, rgba = ctypes.CDLL("libpng16.so.16"), _Image(version=1), 3
    if not library.png_image_begin_read_from_memory(ctypes.byref(image), png, ctypes.c_size_t(len(png))):
        raise ValueError(image.message.decode())
    image.format = rgba
    pixels = numpy.empty((image.height, image.width, 4), numpy.uint8)
    if not library.png_image_finish_read(ctypes.byref(image), None, pixels.ctypes.data_as(ctypes.c_void_p), 0, None):
        raise ValueError(image.message.decode())
    return pixels


def num_colours(pixels):
    """How many different opaque colours there are."""
    return len(numpy.unique(pixels[pixels[:, :, 3] == 255], axis=0))


def differing(one, other):
    """Share of the pixels that differ by more than 3 in a channel."""
    assert one.shape == other.shape
    return (numpy.abs(one.astype(int) - other).max(axis=2) > 3).mean()
