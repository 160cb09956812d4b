"""Arrow tables of other people's making to batches of the Exchange table, column by column.

Each column is cast as a whole. Where that fails, its values are converted one by one, by the same
functions that JSON goes through, to find out which records are bad and why.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.traffic.batches import MOST_TEXT, text_bytes, without_nul
from stillwatch.traffic.exchange import OPERATIONS, REQUIRED, SCHEMA, STATUSES, TEXT
from stillwatch.traffic.mapping import ColumnMapping, ColumnSpec, translated
from stillwatch.traffic.reader import RecordError
from stillwatch.traffic.tables import Refuse
from stillwatch.traffic.values import CONVERT, EARLIEST, LATEST, UNITS

_KNOWN = {"status": STATUSES, "operation": OPERATIONS}


class _MisfitError(Exception):
    """A column does not fit as a whole, so its values are looked at one by one."""


def exchanges(
    batch: pa.RecordBatch,
    numbers: Sequence[int],
    mapping: ColumnMapping,
    refuse: Refuse,
    id_prefix: str,
    *,
    null_prompt: bool,
) -> pa.RecordBatch:
    """The records of a batch that can be used, as exchanges.

    `numbers` are the record numbers to tell `refuse` of those that cannot, in order. A record
    without an id gets `id_prefix` and its number. Without `null_prompt` a null prompt is an empty
    one, as in CSV, which cannot tell the two apart.
    """
    columns, bad = [], dict[int, RecordError]()
    for field in SCHEMA:
        spec = mapping.columns.get(field.name)
        found = at_path(batch, spec.path) if spec is not None and spec.path is not None else None
        if spec is None or (found is None and spec.default is None):
            column = pa.nulls(batch.num_rows, field.type)
        else:
            source = found if found is not None else pa.nulls(batch.num_rows)
            column = _column(source, field, spec, bad)
        if field.name == "prompt" and found is not None and not null_prompt:
            column = column.fill_null("")
        if field.name == "exchange_id" and column.null_count:
            column = pc.coalesce(column, _ids(numbers, id_prefix))
        if field.name in REQUIRED and column.null_count:
            for index in np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False)).tolist():
                bad.setdefault(index, RecordError(f"missing {field.name}", field.name))
        columns.append(column)
    made = pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
    if text_bytes(made) > MOST_TEXT:
        _refuse_large(made, bad)
    for index in sorted(bad):
        refuse(numbers[index], bad[index])
    if bad:
        good = np.ones(made.num_rows, dtype=bool)
        good[list(bad)] = False
        made = made.filter(pa.array(good))
    return without_nul(made)


def _ids(numbers: Sequence[int], prefix: str) -> pa.Array:
    made = pa.array(np.asarray(numbers, dtype=np.int64)).cast(pa.string())
    return pc.binary_join_element_wise(prefix, made, "")


def documents_of(batch: pa.RecordBatch) -> list[dict[str, Any] | RecordError]:
    """The records of a batch as documents, for readers that know documents only."""
    names = batch.schema.names
    columns = [_values(_coarse(column)) for column in batch.columns]
    made: list[dict[str, Any] | RecordError] = []
    for cells in zip(*columns, strict=True):
        try:
            made.append(
                {
                    name: _decoded(cell, name) if isinstance(cell, bytes) else cell
                    for name, cell in zip(names, cells, strict=True)
                    if cell is not None
                }
            )
        except RecordError as error:
            made.append(error)
    return made


def _coarse(source: pa.Array) -> pa.Array:
    """Nanosecond times as microseconds: Python has none that are finer."""
    if pa.types.is_timestamp(source.type) and source.type.unit == "ns":
        return source.cast(pa.timestamp("us", source.type.tz), safe=False)
    return source


def _column(
    source: pa.Array, field: pa.Field, spec: ColumnSpec, bad: dict[int, RecordError]
) -> pa.Array:
    if pa.types.is_dictionary(source.type):
        source = source.dictionary_decode()
    if spec.values is None and not spec.messages:
        try:
            return _cast(source, field, spec)
        except (pa.ArrowException, _MisfitError):
            pass
    return _one_by_one(source, field, spec, bad)


def _cast(source: pa.Array, field: pa.Field, spec: ColumnSpec) -> pa.Array:
    kind, name = source.type, field.name
    if pa.types.is_null(kind) and spec.default is None:
        return pa.nulls(len(source), field.type)
    if _is_bytes(kind):
        source = source.cast(pa.string())
        kind = source.type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if pa.types.is_timestamp(field.type):
        made = _times(source, spec)
    elif pa.types.is_string(field.type):
        if not text and not (pa.types.is_integer(kind) and name not in TEXT):
            raise _MisfitError
        made = _strings(source, name)
    elif pa.types.is_list(field.type):
        made = _lists(source, field.type)
    elif text or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        made = _numbers(source, field.type)
    else:
        raise _MisfitError
    if spec.default is not None and made.null_count:
        raise _MisfitError
    return made


def _strings(source: pa.Array, name: str) -> pa.Array:
    made = source.cast(pa.string())
    if name not in TEXT:
        empty = pc.equal(made, "")
        if pc.any(empty).as_py():
            made = pc.if_else(empty, None, made)
    known = _KNOWN.get(name)
    if known and not pc.all(pc.is_in(made.drop_null(), pa.array(known)), min_count=0).as_py():
        raise _MisfitError
    return made


def _lists(source: pa.Array, kind: pa.DataType) -> pa.Array:
    if not (pa.types.is_list(source.type) or pa.types.is_large_list(source.type)):
        raise _MisfitError
    if not pa.types.is_string(source.type.value_type):
        raise _MisfitError
    made = source.cast(kind)
    if made.flatten().null_count:
        raise _MisfitError
    return made


def _numbers(source: pa.Array, kind: pa.DataType) -> pa.Array:
    made = source.cast(kind)
    if pa.types.is_floating(kind):
        fits = pc.all(pc.is_finite(made.drop_null()), min_count=0).as_py()
    else:
        fits = (pc.min(made).as_py() or 0) >= 0
    if not fits:
        raise _MisfitError
    return made


def _times(source: pa.Array, spec: ColumnSpec) -> pa.Array:
    kind, target = source.type, SCHEMA.field("time").type
    if pa.types.is_timestamp(kind):
        if kind.tz is None:
            if spec.timezone is None:
                raise _MisfitError
            source = pc.assume_timezone(source, spec.timezone)
        made = source.cast(target, safe=False)
    elif pa.types.is_integer(kind):
        made = _epoch(source, spec.unit).cast(target)
    elif pa.types.is_string(kind) and spec.unit is None and spec.timezone is None:
        made = source.cast(target)
    else:
        raise _MisfitError
    bounds = pc.min_max(made.cast(pa.int64())).as_py()
    if bounds["min"] is not None and not EARLIEST <= bounds["min"] <= bounds["max"] < LATEST:
        raise _MisfitError
    return made


def _epoch(numbers: pa.Array, unit: str | None) -> pa.Array:
    """Epoch numbers as microseconds. Without a unit the first one tells it for all."""
    numbers = numbers.cast(pa.int64())
    known = numbers.drop_null()
    if not len(known):
        return numbers
    if unit is None:
        first = known[0].as_py()
        fits = (u for u, factor in UNITS.items() if EARLIEST <= first * factor < LATEST)
        unit = next(fits, None)
    if unit is None:
        raise _MisfitError
    if unit == "ns":
        return pc.divide(numbers, 1000)
    return pc.multiply_checked(numbers, int(UNITS[unit]))


def _one_by_one(
    source: pa.Array, field: pa.Field, spec: ColumnSpec, bad: dict[int, RecordError]
) -> pa.Array:
    convert = CONVERT[field.name]
    made: list[object] = []
    for index, value in enumerate(_values(_coarse(source))):
        result = None
        try:
            plain = _decoded(value, field.name) if isinstance(value, bytes) else value
            result = convert(translated(plain, field.name, spec), field.name)
        except RecordError as error:
            bad.setdefault(index, error)
        made.append(result)
    return pa.array(made, field.type)


def _values(source: pa.Array) -> list[object]:
    """Values as Python has them; one that Python cannot have becomes one that no column takes."""
    with contextlib.suppress(ValueError, OverflowError, UnicodeDecodeError):
        return source.to_pylist()  # type: ignore[no-any-return]
    values: list[object] = []
    for scalar in source:
        try:
            values.append(scalar.as_py())
        except (ValueError, OverflowError, UnicodeDecodeError):
            values.append(object())
    return values


def _decoded(value: bytes, column: str) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise RecordError("not UTF-8", column) from None


def _is_bytes(kind: pa.DataType) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    return any(test(kind) for test in tests)


def _refuse_large(made: pa.RecordBatch, bad: dict[int, RecordError]) -> None:
    sizes = np.zeros(made.num_rows, dtype=np.int64)
    for name in TEXT:
        lengths = pc.fill_null(pc.binary_length(made.column(name)), 0)
        sizes += lengths.to_numpy(zero_copy_only=False)
    for index in np.flatnonzero(sizes > MOST_TEXT).tolist():
        bad.setdefault(index, RecordError("record too large"))


def at_path(batch: pa.RecordBatch, path: str) -> pa.Array | None:
    """The column at a path: by its whole name, else field by field into structs."""
    head = _by_name(batch, path)
    if head is not None:
        return head
    name, *steps = path.split(".")
    column = _by_name(batch, name)
    for step in steps:
        if column is None or not pa.types.is_struct(column.type):
            return None
        if column.type.get_field_index(step) < 0:
            return None
        column = pc.struct_field(column, step)
    return column


def _by_name(batch: pa.RecordBatch, name: str) -> pa.Array | None:
    indices = batch.schema.get_all_field_indices(name)
    return batch.column(indices[0]) if indices else None
