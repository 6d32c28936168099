from scorewire.score.v1 import decisions_pb2 as _decisions_pb2
from scorewire.score.v1 import history_pb2 as _history_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RebuildStandingsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RebuildStandingsResponse(_message.Message):
    __slots__ = ("progress", "result")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    progress: RebuildProgress
    result: RebuildResult
    def __init__(self, progress: _Optional[_Union[RebuildProgress, _Mapping]] = ..., result: _Optional[_Union[RebuildResult, _Mapping]] = ...) -> None: ...

class RebuildProgress(_message.Message):
    __slots__ = ("rows", "done", "total")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    rows: str
    done: int
    total: int
    def __init__(self, rows: _Optional[str] = ..., done: _Optional[int] = ..., total: _Optional[int] = ...) -> None: ...

class RebuildResult(_message.Message):
    __slots__ = ("position", "standings_mended", "boards_mended", "restrictions_mended")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    STANDINGS_MENDED_FIELD_NUMBER: _ClassVar[int]
    BOARDS_MENDED_FIELD_NUMBER: _ClassVar[int]
    RESTRICTIONS_MENDED_FIELD_NUMBER: _ClassVar[int]
    position: int
    standings_mended: int
    boards_mended: _containers.RepeatedScalarFieldContainer[str]
    restrictions_mended: int
    def __init__(self, position: _Optional[int] = ..., standings_mended: _Optional[int] = ..., boards_mended: _Optional[_Iterable[str]] = ..., restrictions_mended: _Optional[int] = ...) -> None: ...
