"""The number of entries per GraphQL query. It is reduced if a query is too large."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from headway.forges.forge_errors import RepeatedFailure
from headway.forges.graphql_errors import asks_for_less
from headway.forges.retry import Response


class GraphqlClient(Protocol):
    """A client that sends GraphQL queries."""

    def graphql(
        self,
        query: str,
        variables: Mapping[str, str | None],
        *,
        is_final: Callable[[Response], bool] | None = None,
    ) -> Response:
        """Send a query. Do not repeat it if `is_final` accepts a response with a server error."""
        ...


@dataclass(slots=True)
class PageSize:
    """The number of entries to request at a time.

    GitHub aborts requests after 10 seconds, and GitLab rejects queries that are too complex.
    """

    sizes: tuple[int, ...]
    """All sizes to try, largest first."""
    position: int = 0
    """The position of the current size in `sizes`."""

    @property
    def current(self) -> int:
        """The number of entries to request."""
        return self.sizes[self.position]

    def request(
        self,
        client: GraphqlClient,
        query: Callable[[int], tuple[str, Mapping[str, str | None]]],
    ) -> Response:
        """Send a query, and repeat it with a smaller size if it was too large.

        Args:
            client: The connection to the forge.
            query: Returns the query, and its variables, for a given number of entries.

        Returns:
            The first response that does not request a smaller size, or the response for the
                smallest size. The response can contain errors.

        Raises:
            ForgeTrouble: The forge did not answer, even with the smallest size.
        """
        while True:
            is_last = self.position == len(self.sizes) - 1
            # The smallest query cannot be reduced, so retry it like any other request.
            is_final = None if is_last else asks_for_less
            try:
                response = client.graphql(*query(self.current), is_final=is_final)
            except RepeatedFailure:
                if is_last:
                    raise
            else:
                if is_last or not asks_for_less(response):
                    return response
            self.position += 1
