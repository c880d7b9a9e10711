"""What resolvers know of the request that they answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError

from roosevelt_pipeline.sandbox.limits import Budget, Limits
from roosevelt_pipeline.sandbox.pricing import Price
from roosevelt_pipeline.sandbox.records import GHOST, ORGANIZATION_ID, Doc, Records
from roosevelt_pipeline.sandbox.tokens import Token

WEB = "https://github.com"


class GitHubError(GraphQLError):
    """A refusal with the ``type`` that GitHub's errors carry beside their message."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass
class Context:
    """The request: its token, its view of the store, and what it costs."""

    records: Records
    token: Token
    limits: Limits
    budget: Budget
    reset: int
    price: Price
    renamed: Mapping[str, str] = field(default_factory=dict)

    def require(self, permission: str) -> None:
        """Refuse, as GitHub does, what the token has no permission for."""
        if not self.token.may_read(permission):
            raise GitHubError("FORBIDDEN", self.token.refusal)

    def repository(self, repository_id: int) -> Doc | None:
        """A repository that the token may see, as the source of its type."""
        doc = self.records.repository(repository_id)
        return typed("Repository", doc) if doc and self.token.may_see(doc["name"]) else None

    def actor(self, account_id: int | None) -> Doc | None:
        """A user or bot; ``None`` for a person who left."""
        doc = self.records.account(account_id)
        return doc and typed(doc["kind"], doc)

    def actor_or_ghost(self, account_id: int | None) -> Doc:
        """For fields that are never null GitHub names its ghost account."""
        return self.actor(account_id) or typed("User", dict(GHOST))

    def user(self, account_id: int | None) -> Doc | None:
        """A person; ``None`` for a bot, where only people are allowed."""
        actor = self.actor(account_id)
        return actor if actor and actor["__typename"] == "User" else None

    def organization(self) -> Doc:
        login = self.records.organization_login() or "empty"
        return {"__typename": "Organization", "id": ORGANIZATION_ID, "login": login}


def typed(type_name: str, doc: Doc) -> Doc:
    """Mark a document with its GraphQL type, which decides interfaces and unions."""
    doc["__typename"] = type_name
    return doc


def repository_url(repository: Mapping[str, Any]) -> str:
    return f"{WEB}/{repository['owner']}/{repository['name']}"
