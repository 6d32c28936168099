import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Standing(_message.Message):
    __slots__ = ("rank", "user_id", "display_name", "score", "rank_change", "score_change")
    RANK_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    RANK_CHANGE_FIELD_NUMBER: _ClassVar[int]
    SCORE_CHANGE_FIELD_NUMBER: _ClassVar[int]
    rank: int
    user_id: str
    display_name: str
    score: int
    rank_change: int
    score_change: int
    def __init__(self, rank: _Optional[int] = ..., user_id: _Optional[str] = ..., display_name: _Optional[str] = ..., score: _Optional[int] = ..., rank_change: _Optional[int] = ..., score_change: _Optional[int] = ...) -> None: ...

class Leaderboard(_message.Message):
    __slots__ = ("board_id", "revision", "total_users", "standings", "update_time")
    BOARD_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    TOTAL_USERS_FIELD_NUMBER: _ClassVar[int]
    STANDINGS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    board_id: str
    revision: int
    total_users: int
    standings: _containers.RepeatedCompositeFieldContainer[Standing]
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, board_id: _Optional[str] = ..., revision: _Optional[int] = ..., total_users: _Optional[int] = ..., standings: _Optional[_Iterable[_Union[Standing, _Mapping]]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class LeaderboardUpdate(_message.Message):
    __slots__ = ("board_id", "revision", "previous_revision", "total_users", "standings", "left_user_ids", "update_time")
    BOARD_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_REVISION_FIELD_NUMBER: _ClassVar[int]
    TOTAL_USERS_FIELD_NUMBER: _ClassVar[int]
    STANDINGS_FIELD_NUMBER: _ClassVar[int]
    LEFT_USER_IDS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    board_id: str
    revision: int
    previous_revision: int
    total_users: int
    standings: _containers.RepeatedCompositeFieldContainer[Standing]
    left_user_ids: _containers.RepeatedScalarFieldContainer[str]
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, board_id: _Optional[str] = ..., revision: _Optional[int] = ..., previous_revision: _Optional[int] = ..., total_users: _Optional[int] = ..., standings: _Optional[_Iterable[_Union[Standing, _Mapping]]] = ..., left_user_ids: _Optional[_Iterable[str]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class UpdateScoreRequest(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: str
    def __init__(self, data: _Optional[str] = ...) -> None: ...

class UpdateScoreResponse(_message.Message):
    __slots__ = ("message", "status", "score_increase", "score", "rank", "revision")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SCORE_INCREASE_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    message: str
    status: str
    score_increase: int
    score: int
    rank: int
    revision: int
    def __init__(self, message: _Optional[str] = ..., status: _Optional[str] = ..., score_increase: _Optional[int] = ..., score: _Optional[int] = ..., rank: _Optional[int] = ..., revision: _Optional[int] = ...) -> None: ...

class GetLeaderboardRequest(_message.Message):
    __slots__ = ("board_id", "limit", "around_user_id", "radius", "user_ids")
    BOARD_ID_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    AROUND_USER_ID_FIELD_NUMBER: _ClassVar[int]
    RADIUS_FIELD_NUMBER: _ClassVar[int]
    USER_IDS_FIELD_NUMBER: _ClassVar[int]
    board_id: str
    limit: int
    around_user_id: str
    radius: int
    user_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, board_id: _Optional[str] = ..., limit: _Optional[int] = ..., around_user_id: _Optional[str] = ..., radius: _Optional[int] = ..., user_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class GetLeaderboardResponse(_message.Message):
    __slots__ = ("leaderboard", "resume_token")
    LEADERBOARD_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    leaderboard: Leaderboard
    resume_token: str
    def __init__(self, leaderboard: _Optional[_Union[Leaderboard, _Mapping]] = ..., resume_token: _Optional[str] = ...) -> None: ...

class GetStandingRequest(_message.Message):
    __slots__ = ("user_id", "board_id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    BOARD_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    board_id: str
    def __init__(self, user_id: _Optional[str] = ..., board_id: _Optional[str] = ...) -> None: ...

class GetStandingResponse(_message.Message):
    __slots__ = ("standing", "revision")
    STANDING_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    standing: Standing
    revision: int
    def __init__(self, standing: _Optional[_Union[Standing, _Mapping]] = ..., revision: _Optional[int] = ...) -> None: ...

class ListStandingsRequest(_message.Message):
    __slots__ = ("board_id", "page_size", "page_token")
    BOARD_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    board_id: str
    page_size: int
    page_token: str
    def __init__(self, board_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListStandingsResponse(_message.Message):
    __slots__ = ("standings", "next_page_token", "total_users", "revision")
    STANDINGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_USERS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    standings: _containers.RepeatedCompositeFieldContainer[Standing]
    next_page_token: str
    total_users: int
    revision: int
    def __init__(self, standings: _Optional[_Iterable[_Union[Standing, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_users: _Optional[int] = ..., revision: _Optional[int] = ...) -> None: ...

class WatchLeaderboardRequest(_message.Message):
    __slots__ = ("board_id", "limit", "resume_token", "user_id", "around_user_id", "radius", "user_ids", "whole_boards", "min_interval")
    BOARD_ID_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    AROUND_USER_ID_FIELD_NUMBER: _ClassVar[int]
    RADIUS_FIELD_NUMBER: _ClassVar[int]
    USER_IDS_FIELD_NUMBER: _ClassVar[int]
    WHOLE_BOARDS_FIELD_NUMBER: _ClassVar[int]
    MIN_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    board_id: str
    limit: int
    resume_token: str
    user_id: str
    around_user_id: str
    radius: int
    user_ids: _containers.RepeatedScalarFieldContainer[str]
    whole_boards: bool
    min_interval: _duration_pb2.Duration
    def __init__(self, board_id: _Optional[str] = ..., limit: _Optional[int] = ..., resume_token: _Optional[str] = ..., user_id: _Optional[str] = ..., around_user_id: _Optional[str] = ..., radius: _Optional[int] = ..., user_ids: _Optional[_Iterable[str]] = ..., whole_boards: _Optional[bool] = ..., min_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class WatchLeaderboardResponse(_message.Message):
    __slots__ = ("leaderboard", "heartbeat", "update", "standing", "resume_token")
    LEADERBOARD_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    leaderboard: Leaderboard
    heartbeat: Heartbeat
    update: LeaderboardUpdate
    standing: Standing
    resume_token: str
    def __init__(self, leaderboard: _Optional[_Union[Leaderboard, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., update: _Optional[_Union[LeaderboardUpdate, _Mapping]] = ..., standing: _Optional[_Union[Standing, _Mapping]] = ..., resume_token: _Optional[str] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
