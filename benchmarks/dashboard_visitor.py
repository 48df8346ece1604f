"""Somebody who looks at the dashboard from another machine: Streamlit's own protocol, without the drawing.

A browser that draws a page takes more of a processor than the server that answers it; twenty of them on the
server's machine would measure themselves. A visitor sends what the browser would send for a click, and waits
until the server has sent all that the click changed.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.common import user_key_from_element_id
from websockets.asyncio.client import ClientConnection, connect


@dataclass
class Visitor:
    """One open page: what was sent to it last, by the keys of its widgets."""

    stream: ClientConnection
    page: str
    script: str = ""
    query: str = ""
    widgets: dict[str, Any] = field(default_factory=dict)
    fragments: dict[str, str] = field(default_factory=dict)  # key of a widget -> the fragment it is part of
    errors: int = 0

    async def load(self) -> float:
        """Seconds until the whole page has come."""
        return await self._ask([], "")

    async def click(self, key: str) -> float:
        return await self._change(key, lambda state: setattr(state, "trigger_value", True))

    async def type(self, key: str, text: str) -> float:
        return await self._change(key, lambda state: setattr(state, "string_value", text))

    async def choose(self, key: str, options: list[str]) -> float:
        return await self._change(key, lambda state: state.string_array_value.data.extend(options))

    def options(self, key: str) -> list[str]:
        """What can be chosen in a group of buttons."""
        return [option.content for option in self.widgets[key].options]

    def can_click(self, key: str) -> bool:
        return key in self.widgets and not self.widgets[key].disabled

    async def _change(self, key: str, change: Callable[[WidgetState], object]) -> float:
        state = WidgetState(id=self.widgets[key].id)
        change(state)
        return await self._ask([state], self.fragments.get(key, ""))

    async def _ask(self, states: list[WidgetState], fragment: str) -> float:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash, asked.fragment_id = self.query, self.script, fragment
        if not self.script:
            asked.page_name = self.page
        asked.widget_states.widgets.extend(states)
        if not fragment:
            self.widgets, self.fragments = {}, {}
        began = time.perf_counter()
        await self.stream.send(message.SerializeToString())
        await self._hear_all()
        return time.perf_counter() - began

    async def _hear_all(self) -> None:
        """Takes what the server sends until it rests."""
        while True:
            told = ForwardMsg.FromString(await self.stream.recv())
            match told.WhichOneof("type"):
                case "new_session":
                    self.script = told.new_session.page_script_hash
                case "navigation":
                    self.script = told.navigation.page_script_hash
                case "page_info_changed":
                    self.query = told.page_info_changed.query_string
                case "delta":
                    self._take(told.delta)
                case "script_finished" if told.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return

    def _take(self, delta: Delta) -> None:
        if delta.WhichOneof("type") != "new_element":
            return
        element = getattr(delta.new_element, str(delta.new_element.WhichOneof("type")))
        if isinstance(element, Alert) and element.format == Alert.ERROR:
            self.errors += 1
        key = user_key_from_element_id(getattr(element, "id", ""))
        if key:
            self.widgets[key] = element
            self.fragments[key] = delta.fragment_id


@asynccontextmanager
async def visiting(url: str, page: str) -> AsyncIterator[Visitor]:
    """A visitor of one page of the dashboard at `url` (`http://…`)."""
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    async with connect(address, subprotocols=["streamlit"], max_size=None) as stream:  # type: ignore[list-item]
        yield Visitor(stream, page)
