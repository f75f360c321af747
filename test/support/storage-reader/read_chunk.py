"""Reads chunks as docs/storage-format.md describes them, and nothing of bookreel's own code.

    read_chunk.py HEADER PAYLOAD    prints the records of all entries, one behind the other, to standard output

Only the standard library and `brotli`. Slow on purpose: one step of the page is one step here.
Ends with 1 and one sentence on standard error where a file is not what the page says.
"""

import binascii
import datetime
import hashlib
import json
import struct
import sys

import brotli

KINDS = 'frame sent response opened closed timer clock sample run-started run-ended'.split()
EPOCH = datetime.datetime(1970, 1, 1)
UNKNOWN = None


class Damage(Exception):
    pass


def demand(holds, sentence):
    if not holds:
        raise Damage(sentence)


# ---- header -----------------------------------------------------------------------------------------------------------


def read_header(stored):
    first, _, text = stored.partition(b'\n')
    kind, _, digest = first.decode('ascii').partition(' ')
    demand(kind == 'header-1', f'{kind} is not a header this reader knows')
    demand(hashlib.sha256(text).hexdigest() == digest, 'the header is not what was written')
    return json.loads(text)


# ---- numbers and blocks -----------------------------------------------------------------------------------------------


class Bytes:
    """Bytes read from the front."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, count):
        demand(self.at + count <= len(self.data), 'a block ends too early')
        self.at += count
        return self.data[self.at - count:self.at]

    def byte(self):
        return self.take(1)[0]

    def uint(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def int(self):
        byte = self.byte()
        value = byte & 63
        if byte & 128:
            value |= self.uint() << 6
        return -value if byte & 64 else value

    def end(self, what):
        demand(self.at == len(self.data), f'{what} has bytes left over')


def blocks_of(payload):
    demand(payload[:4] == bytes([0xB7, 2, 1, 0]), 'the payload begins otherwise than columns-1 does')
    blocks = []
    source = Bytes(payload)
    source.take(4)
    while source.at < len(payload):
        head = source.take(9)
        checksum, = struct.unpack('<I', source.take(4))
        how, size, stored_size = struct.unpack('<BII', head)
        stored = source.take(stored_size)
        demand(binascii.crc32(head + stored) == checksum, f'block {len(blocks) + 1} has a wrong checksum')
        content = brotli.decompress(stored) if how == 1 else stored
        demand(how in (0, 1) and len(content) == size, f'block {len(blocks) + 1} has another size')
        blocks.append(content)
    return blocks


# ---- columns ----------------------------------------------------------------------------------------------------------


class Column:
    """How many numbers, and the table of ranges: (base, bits, digits, factor, is the zero apart)."""

    def __init__(self, directory):
        self.count = directory.uint()
        self.ranges = []
        if self.count == 0:
            return
        size = directory.uint()
        for _ in range(size // 2):
            digits = zeros = 0
            if size % 2 == 1:
                digits, zeros = directory.byte(), directory.byte()
            key = directory.byte()
            if key == 255:
                self.ranges.append((0, 0, digits, 1, True))
                continue
            if key == 0:
                base, bits = 0, 0
            elif key >= 128:
                base, bits = directory.int(), key - 128
            elif key % 2 == 0:
                base, bits = 2 ** (key // 2 - 1), key // 2 - 1
            else:
                base, bits = 1 - 2 ** ((key + 1) // 2), (key - 1) // 2
            self.ranges.append((base, bits, digits, 10 ** zeros, False))

    def read(self, tokens, bits):
        """All numbers: (number, digits, is the zero apart)."""
        self.numbers = []
        self.at = 0
        has_tokens = not (len(self.ranges) == 1 and self.ranges[0][1] == 0)
        places = tokens.take(self.count) if has_tokens and self.count > 0 else bytes(self.count)
        start = bits.at
        used = 0
        for token in places:
            demand(token < len(self.ranges), 'a token names no range')
            base, width, digits, factor, apart = self.ranges[token]
            value = 0
            if width > 0:
                first, last = used // 8, (used + width - 1) // 8
                chunk = int.from_bytes(bits.data[start + first:start + last + 1], 'little')
                demand(start + last < len(bits.data), 'the bits of a column end too early')
                value = (chunk >> (used % 8)) & ((1 << width) - 1)
                used += width
            self.numbers.append(((base + value) * factor, digits, apart))
        bits.take((used + 7) // 8)

    def next(self):
        demand(self.at < self.count, 'a column ends too early')
        self.at += 1
        return self.numbers[self.at - 1]


class Family:
    def __init__(self, directory, columns_so_far):
        self.predictor = directory.byte()
        flags = directory.byte()
        self.form = flags & 3
        self.is_time = bool(flags & 4)
        self.moves_field = bool(flags & 8)
        self.moves_lag = bool(flags & 16)
        self.scale = directory.uint()
        self.field = directory.uint()
        self.unit = directory.uint() if self.predictor in (6, 7) or self.moves_lag else 1
        self.base = directory.int() if self.predictor == 6 else 0
        self.table = directory.uint() if self.predictor == 10 else 0
        self.first = columns_so_far
        self.second = columns_so_far + 1
        self.columns = 2 if self.predictor in (5, 10, 11) else 1
        if self.form == 3:
            self.columns += 1
        self.last = columns_so_far + self.columns - 1


class Slot:
    """A slot of a place: a constant, or a family with what it has to do with groups and children."""

    def __init__(self, directory, kind):
        self.kind = kind
        self.last_value = 0
        self.last_step = 0
        self.group = self.takes = 0
        self.children = []
        family = directory.uint()
        self.family = family - 1 if family > 0 else None
        if family == 0:
            self.value, self.digits = directory.int(), directory.byte()
            return
        group = directory.uint()
        if group > 0:
            self.group, self.takes = group // 2, group % 2
            self.id_slots = [directory.uint(), directory.uint() - 1]
        self.children = [directory.uint() for _ in range(directory.uint())]


class Place:
    def __init__(self, directory, skeletons):
        self.template = directory.uint()
        self.pieces = skeletons[self.template]
        self.slots = [Slot(directory, kind) for kind in self.pieces[1]]


class Ids:
    """References into one table: the last eight uses, all others by their distance."""

    def __init__(self):
        self.count = 0
        self.uses = []
        self.numbers = []

    def use(self, code):
        if code == 0:
            reference, self.count = self.count, self.count + 1
        elif code <= 8:
            demand(code <= len(self.uses), 'a reference names a use that never was')
            reference = self.uses[-code]
        else:
            reference = self.count + 8 - code
        demand(0 <= reference < self.count, 'a reference names no id')
        self.uses = (self.uses + [reference])[-8:]
        return reference, code == 0


# ---- the payload ------------------------------------------------------------------------------------------------------


def split_skeleton(skeleton):
    """The bytes between the scalars, and the kinds of the scalars."""
    pieces = skeleton.split(b'\0')
    kinds = [piece[:1].decode('ascii') for piece in pieces[1:]]
    return [pieces[0]] + [piece[1:] for piece in pieces[1:]], kinds


def digits_of(number, digits):
    """A whole number with its point moved by `digits`."""
    text = str(abs(number)).rjust(digits + 1, '0')
    text = text if digits == 0 else f'{text[:-digits]}.{text[-digits:]}'
    return f'-{text}' if number < 0 else text


def time_text(micros, digits):
    moment = EPOCH + datetime.timedelta(microseconds=micros)
    text = moment.strftime('%Y-%m-%dT%H:%M:%S')
    return f'{text}Z' if digits == 0 else f'{text}.{moment.microsecond:06d}'[:20 + digits] + 'Z'


class Payload:
    def __init__(self, payload):
        blocks = blocks_of(payload)
        demand(len(blocks) >= 6, 'blocks are missing')
        directory = Bytes(blocks[0])
        self.read_counts(directory)
        self.read_families(directory)
        self.read_columns(directory, blocks)
        self.read_tables(blocks)
        self.fields = [[0, 0] for _ in range(self.field_count)]
        self.groups = [{} for _ in range(self.group_count)]
        self.texts_seen = 0
        self.id_tables = [Ids() for _ in range(self.table_count + 1)]
        self.scalars = 0

    def read_counts(self, directory):
        self.first_seq, self.time, self.entries, self.scalar_count = (directory.uint() for _ in range(4))
        self.skeleton_sizes = [directory.uint() for _ in range(directory.uint())]
        self.text_count, self.id_count, self.mask, self.verbatim_count = (directory.uint() for _ in range(4))
        self.field_count, self.group_count, self.table_count = (directory.uint() for _ in range(3))

    def read_families(self, directory):
        self.families = []
        columns = 0
        for _ in range(directory.uint()):
            family = Family(directory, columns)
            columns += family.columns
            self.families.append(family)
        self.family_columns = columns
        self.rest = directory

    def read_columns(self, directory, blocks):
        skeletons = Bytes(blocks[1])
        templates = [split_skeleton(skeletons.take(size)) for size in self.skeleton_sizes]
        self.text_bytes = skeletons
        self.places = [Place(directory, templates) for _ in range(directory.uint())]
        self.classes = []
        for _ in range(directory.uint()):
            kind_and_flags, connection, place = directory.uint(), directory.uint(), directory.uint()
            self.classes.append((kind_and_flags, connection, place - 1 if place > 0 else None))
        self.class_columns = [directory.uint() for _ in range(len(self.classes) + 1)]
        self.time_columns = [directory.uint() for _ in self.classes]
        self.columns = [Column(directory) for _ in range(directory.uint())]
        shares = [directory.uint() for _ in range(directory.uint())]
        directory.end('the directory')
        demand(len(blocks) == 6 + len(shares), 'there are not as many blocks as the directory says')
        bits = Bytes(blocks[4])
        at = 0
        for share, block in zip(shares, blocks[5:]):
            tokens = Bytes(block)
            for column in self.columns[at:at + share]:
                column.read(tokens, bits)
            tokens.end('a block of tokens')
            at += share
        demand(at == len(self.columns), 'some columns are in no block')
        bits.end('the block of bits')

    def read_tables(self, blocks):
        first_class = self.family_columns
        first_time = first_class + max(self.class_columns, default=-1) + 1
        first_other = first_time + max(self.time_columns, default=-1) + 1
        self.class_columns = [first_class + column for column in self.class_columns]
        self.time_columns = [first_time + column for column in self.time_columns]
        self.used_columns = first_other + 2
        demand(self.used_columns == len(self.columns), 'there are not as many columns as there should be')
        text_sizes, verbatim_sizes = self.columns[first_other], self.columns[first_other + 1]
        self.texts = [self.text_bytes.take(text_sizes.next()[0]) for _ in range(self.text_count)]
        self.text_bytes.end('the block of skeletons and texts')
        verbatim = Bytes(blocks[-1])
        self.verbatim = [verbatim.take(verbatim_sizes.next()[0]) for _ in range(self.verbatim_count)]
        verbatim.end('the block of verbatim payloads')
        self.verbatim.reverse()
        packed, plain = Bytes(blocks[2]), Bytes(blocks[3])
        planes = [(packed if self.mask >> plane & 1 else plane_of).take(self.id_count)
                  for plane, plane_of in enumerate([plain] * 16)]
        packed.end('the block of packed ids')
        plain.end('the block of plain ids')
        self.ids = [bytes(plane[number] for plane in planes) for number in range(self.id_count)]

    def number(self, column):
        return self.columns[column].next()

    # -- entries

    def records(self):
        known = 0
        for index in range(self.entries):
            entry_class = self.number(self.class_columns[known])[0]
            demand(0 <= entry_class < len(self.classes), 'an entry has no class')
            known = entry_class + 1
            self.time += self.number(self.time_columns[entry_class])[0]
            kind_and_flags, connection, place = self.classes[entry_class]
            if place is None:
                demand(len(self.verbatim) > 0, 'a verbatim payload is missing')
                payload = self.verbatim.pop()
            else:
                payload = self.row(self.places[place])
            yield struct.pack('<IHHIQQ', len(payload), kind_and_flags, 0, connection,
                              self.first_seq + index, self.time) + payload
        for number, column in enumerate(self.columns):
            demand(column.at == column.count, f'column {number} has numbers left over')
        demand(self.verbatim == [], 'verbatim payloads are left over')
        demand(self.scalars == self.scalar_count, 'there are not as many scalars as the directory says')

    def row(self, place):
        """The text of one row."""
        pieces, kinds = place.pieces
        order = list(range(len(kinds)))
        if 'l' not in kinds:
            order.sort(key=lambda slot: not self.is_reference(place.slots[slot]))
        self.scalars += len(kinds)
        texts = [b''] * len(kinds)
        ids = {}
        for slot in order:
            texts[slot] = self.scalar(place.slots[slot], slot, ids)
        return pieces[0] + b''.join(text + piece for text, piece in zip(texts, pieces[1:]))

    def is_reference(self, slot):
        return slot.family is not None and self.families[slot.family].predictor in (8, 10)

    def scalar(self, slot, place, ids):
        if slot.family is None:
            return self.text_of(slot.kind, slot.value, slot.digits)
        family = self.families[slot.family]
        if family.predictor == 11:
            return self.list(slot, family)
        value, digits = self.predicted(slot, family, place, ids)
        return self.text_of(slot.kind, value, digits)

    def list(self, slot, family):
        count = self.number(family.first)[0]
        elements = []
        for _ in range(count):
            child = self.number(family.second)[0]
            demand(0 <= child < len(slot.children), 'an element has no place')
            self.scalars += 1
            elements.append(self.row(self.places[slot.children[child]]))
        return b','.join(elements)

    def text_of(self, kind, value, digits):
        if kind == 'n':
            return digits_of(value, digits).encode('ascii')
        if kind == 't':
            return time_text(value, digits).encode('ascii')
        if kind == 'i':
            text = self.ids[value].hex()
            parts = (text[:8], text[8:12], text[12:16], text[16:20], text[20:])
            return '-'.join(parts).encode('ascii')
        return self.texts[value]

    # -- predictions

    def predicted(self, slot, family, place, ids):
        """Value and digits of the next scalar of a slot."""
        field = self.fields[family.field] if family.field < len(self.fields) else [0, 0]
        beside = [ids[at] for at in slot.id_slots if at in ids] if slot.group > 0 else []
        group = self.groups[slot.group - 1] if slot.group > 0 else {}
        clock = self.time // family.unit
        predictor = family.predictor
        if predictor in (8, 10):
            return self.reference(family, place, ids), 0
        if predictor == 5:
            known = [group[key] for key in beside if group.get(key) is not UNKNOWN]
            number, digits, apart = self.number(family.first if known else family.second)
            base = min(known) if known else field[0]
        else:
            number, digits, apart = self.number(family.first)
            base = {1: 0, 2: slot.last_value, 3: field[0], 4: slot.last_value + slot.last_step,
                    6: clock + family.base, 7: clock + field[1], 9: None}[predictor]
        if predictor == 9:
            reference = self.texts_seen - number
            if number == 0:
                self.texts_seen += 1
            return reference, 0
        value = 0 if apart else base + number
        moved = value
        if predictor == 1 and not family.is_time:
            moved = value * 10 ** max(0, family.scale - digits)
        if value != 0:
            self.move(slot, family, field, moved, clock, group, beside)
        if predictor == 1:
            return value, digits
        return self.written(family, value)

    def reference(self, family, place, ids):
        table = self.id_tables[family.table]
        reference, is_new = table.use(self.number(family.first)[0])
        ids[place] = reference
        if family.predictor == 8:
            return reference
        if is_new:
            last = table.numbers[-1] if table.numbers else 0
            table.numbers.append(last + self.number(family.second)[0])
        return table.numbers[reference]

    def move(self, slot, family, field, value, clock, group, beside):
        slot.last_step = value - slot.last_value
        slot.last_value = value
        if family.moves_field:
            field[0] = value
        if family.moves_lag:
            field[1] = value - clock
        if slot.group == 0:
            return
        if not slot.takes:
            if beside:
                group[beside[0]] = value
            return
        for key in beside:
            if group.get(key) is not UNKNOWN:
                left = group[key] - value
                group[key] = left if abs(left) < 2 ** 52 else UNKNOWN

    def written(self, family, value):
        scale = family.scale
        if family.form == 0:
            return value, scale
        if family.form == 1:
            digits = 6 if family.is_time else scale
            rest = value
            while digits > 0 and rest % 10 == 0:
                digits, rest = digits - 1, rest // 10
            return (value if family.is_time else rest), digits
        digits = self.number(family.last)[0]
        return (value if family.is_time else value // 10 ** (scale - digits)), digits


# ---- chunk ------------------------------------------------------------------------------------------------------------


def read_chunk(stored_header, payload):
    header = read_header(stored_header)
    demand(hashlib.sha256(payload).hexdigest() == header['payloadHash'], 'the payload is not what was written')
    if header['format'] == 'plain-1':
        demand(payload[:2] == b'\xb7\x01', 'the payload begins otherwise than plain-1 does')
        records = brotli.decompress(payload[6:])
        demand(len(records) == struct.unpack('<I', payload[2:6])[0], 'the payload has another size')
    else:
        demand(header['format'] == 'columns-1', f'{header["format"]} is not a format this reader knows')
        records = b''.join(Payload(payload).records())
    size = header['rawBytes'] + 28 * header['entries']
    demand(len(records) == size, 'the records are not as long as the header says')
    check_chain(header, records)
    return records


def check_chain(header, records):
    """Only where the chunk begins where a block does: otherwise the entries before it are needed too."""
    if (header['firstSeq'] - 1) % 1024 != 0:
        return
    head = bytes.fromhex(header['chainBefore'])
    block, at, seq = hashlib.sha256(head), 0, header['firstSeq'] - 1
    while at < len(records):
        end = at + 28 + struct.unpack_from('<I', records, at)[0]
        block.update(records[at:end])
        at, seq = end, seq + 1
        head = block.digest()
        if seq % 1024 == 0:
            block = hashlib.sha256(head)
    demand(head.hex() == header['chainAfter'], 'the entries do not give the chain head of the header')


def main(header_path, payload_path):
    with open(header_path, 'rb') as header, open(payload_path, 'rb') as payload:
        try:
            records = read_chunk(header.read(), payload.read())
        except (Damage, ValueError, KeyError, IndexError, brotli.error) as problem:
            sys.exit(f'{payload_path}: {problem}.')
    sys.stdout.buffer.write(records)


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit('usage: read_chunk.py HEADER PAYLOAD')
    main(sys.argv[1], sys.argv[2])
