"""What the runtime's allocator takes for an object.

Small objects are rounded up to one of 67 size classes, larger ones to whole pages of 8 KiB. Since go1.22 an
object with pointers that is larger than 512 bytes (128 on 32-bit machines) has a header of 8 bytes
before it, which can push it into the next class. The tiny allocator, which packs objects below 16 bytes
without pointers, is left out: what is told is the slot.

Example: `size_class(33)` is 48; `size_class(40000)` is 40960; `size_class(1024, header_above=512)` is
1152.

Source: internal/runtime/gc/{sizeclasses,malloc}.go, runtime/msize.go roundupsize (go1.27).
"""

from __future__ import annotations

from bisect import bisect_left

_CLASSES = (
    0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352,
    384, 416, 448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304,
    2688, 3072, 3200, 3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880,
    12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768,
)  # fmt: skip
_PAGE = 8192
_HEADER = 8
NO_HEADER = -1


def size_class(size: int, header_above: int = NO_HEADER) -> int:
    """The bytes taken for an object of `size` bytes; 0 for 0, which takes no memory. An object larger
    than `header_above` has a header, if it is small enough for a class; `NO_HEADER`: it has none."""
    if size <= _CLASSES[-1] - _HEADER:
        if 0 <= header_above < size:
            size += _HEADER
        return _CLASSES[bisect_left(_CLASSES, size)]
    return (size + _PAGE - 1) // _PAGE * _PAGE
