"""Settings while the server runs: what counts, where it comes from, what may change it.

Three sources, the later one wins: the default; the administrator's Jupyter configuration (`server`); what was set
through the API (`user`), which is stored in the database. With `AgentApp.lock_config` the administrator's values win
over the API's. A `live` setting counts for the next request; any other one after the server's next start."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Enum, Float, Int, TraitError, TraitType, Unicode
from traitlets.config import Configurable

from jupyter_agent.api.errors import ApiError, conflict
from jupyter_agent.api.redaction import MASK, is_secret_name, redact
from jupyter_agent.config import SECTIONS
from jupyter_agent.system.models import (
    Config,
    ConfigCapabilities,
    ConfigChange,
    ConfigIgnored,
    ConfigSchema,
    ConfigSetting,
    ConfigSource,
    ConfigStatus,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as OrmSession

    from jupyter_agent.storage.database import Database

ROW_PREFIX = "config:"
VERSION_ROW = "config_version"
SERVER_SECTION = "server"
"""Where the application's own settings stand; the API only reads them."""

LARGEST = 2**31 - 1
"""Of a number that names no maximum: 68 years in seconds, and nothing that is computed with it overflows."""
LONGEST = 100_000


@dataclass(frozen=True)
class Field:
    """One setting."""

    name: str
    owner: Configurable
    trait: TraitType[Any, Any]
    trait_name: str
    default: Any
    server_value: Any
    """What counts without the API."""
    from_server: bool
    live: bool
    secret: bool
    mutable: bool

    @property
    def value(self) -> Any:
        return getattr(self.owner, self.trait_name)

    def shown(self, value: Any) -> Any:
        if self.secret:
            return MASK if value not in ("", None) else value
        return redact(value) if isinstance(value, str) and self.name.startswith(f"{SERVER_SECTION}.") else value

    @property
    def help(self) -> str:
        return " ".join(str(self.trait.help).split())


def json_schema_of(trait: TraitType[Any, Any]) -> dict[str, Any]:
    """JSON Schema of a trait's values."""
    if isinstance(trait, Bool):
        return {"type": "boolean"}
    if isinstance(trait, (Int, Float)):
        schema: dict[str, Any] = {"type": "integer" if isinstance(trait, Int) else "number"}
        lowest, highest = trait.min, trait.max
        if lowest is not None and lowest > -math.inf:
            schema["minimum"] = lowest
        schema["maximum"] = highest if highest is not None and highest < math.inf else LARGEST
        return schema
    if isinstance(trait, Enum):
        return {"enum": list(trait.values or ())}
    if isinstance(trait, Unicode):
        return {"type": "string", "maxLength": LONGEST}
    return {}


def _problem(trait: TraitType[Any, Any], value: Any) -> str | None:
    """Why a JSON value does not fit, beyond what the trait checks: that takes true for 1 and inf for a number."""
    schema = json_schema_of(trait)
    kind = schema.get("type")
    if kind == "boolean" and not isinstance(value, bool):
        return "must be true or false"
    if kind in ("integer", "number"):
        if isinstance(value, bool) or not isinstance(value, int if kind == "integer" else (int, float)):
            return "must be a whole number" if kind == "integer" else "must be a number"
        lowest, highest = schema.get("minimum", -LARGEST), schema["maximum"]
        if not lowest <= value <= highest:  # false for NaN too
            return f"must be between {lowest} and {highest}"
    if kind == "string":
        if not isinstance(value, str):
            return "must be a string"
        if len(value) > LONGEST:
            return f"must be {LONGEST} characters at the most"
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            return "must be text without NUL characters and lone surrogates"
    if "enum" in schema and value not in schema["enum"]:
        return f"must be one of {', '.join(map(str, schema['enum']))}"
    return None


def _set_by_config(owner: Configurable, trait_name: str) -> bool:
    # traitlets has no public word for "was this in the configuration"; this is what it uses itself to apply it.
    return trait_name in owner._find_my_config(owner.config)


def _errors(found: dict[str, str]) -> ApiError:
    errors = [{"path": f"body.{path}", "message": message} for path, message in found.items()]
    return ApiError(
        422, "invalid", "; ".join(f"{e['path']}: {e['message']}" for e in errors), details={"errors": errors}
    )


class Configuration:
    """All settings. Use it on the event loop; the database is only touched through `db`."""

    def __init__(self, settings: Any, db: Database, *, app: Configurable | None = None, locked: bool = False) -> None:
        """`settings` has one attribute for each of `config.SECTIONS`; `app` is read for the section `server`."""
        self._db = db
        self._locked = locked
        self._fields: dict[str, Field] = {}
        for section in SECTIONS:
            owner = getattr(settings, section.section)
            self._add(section.section, owner, section, section())
        if app is not None:
            self._add(SERVER_SECTION, app, type(app), None)
        self._stored: dict[str, tuple[Any, datetime]] = {}
        self._ignored: dict[str, str] = {}
        self._version = 0
        self._applied: set[str] = set()
        """Names whose value now is one that was set through the API."""
        self._writing = asyncio.Lock()

    def _add(self, section: str, owner: Configurable, cls: type[Configurable], pristine: Configurable | None) -> None:
        for trait_name, trait in sorted(cls.class_own_traits(config=True).items()):
            from_server = _set_by_config(owner, trait_name)
            value = getattr(owner, trait_name)
            default = getattr(pristine, trait_name) if pristine is not None else trait.default()
            self._fields[f"{section}.{trait_name}"] = Field(
                name=f"{section}.{trait_name}",
                owner=owner,
                trait=trait,
                trait_name=trait_name,
                default=default,
                server_value=value,
                from_server=from_server,
                live=bool(trait.metadata.get("live")),
                secret=bool(trait.metadata.get("secret")) or is_secret_name(trait_name),
                mutable=section != SERVER_SECTION
                and not trait.metadata.get("admin")  # what users are held to is not theirs to change
                and not (self._locked and from_server),
            )

    # Reading ---------------------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Reads what the API stored and makes it count. At the server's start this comes before any other service is
        made, so that those that read a setting once read the right one."""
        await self._read()
        self._apply(at_start=True)

    async def refresh(self) -> None:
        """Takes over what another server on the same database has changed."""
        before = self._version
        await self._read()
        if self._version != before:
            self._apply()

    async def _read(self) -> None:
        from sqlalchemy import select

        from jupyter_agent.storage.tables import SettingRow

        def read(session: OrmSession) -> tuple[int, dict[str, tuple[Any, datetime]]]:
            row = session.get(SettingRow, VERSION_ROW)
            rows = session.scalars(select(SettingRow).where(SettingRow.name.startswith(ROW_PREFIX, autoescape=True)))
            stored = {row.name.removeprefix(ROW_PREFIX): (row.value.get("value"), row.updated_at) for row in rows}
            return (row.value["version"] if row else 0), stored

        self._version, self._stored = await self._db.read(read)

    def _apply(self, *, at_start: bool = False) -> None:
        self._ignored = {}
        wanted: dict[str, Any] = {}
        for name, (value, _) in self._stored.items():
            field = self._fields.get(name)
            if field is None:
                self._ignored[name] = "There is no such setting any more."
            elif not field.mutable:
                self._ignored[name] = "The administrator's configuration sets it."
            else:
                wanted[name] = value
        values, problems = self._validated(wanted)
        self._ignored |= problems
        for name, field in self._fields.items():
            if not field.mutable or not (field.live or at_start):
                continue
            if name in values:
                setattr(field.owner, field.trait_name, values[name])
                self._applied.add(name)
            elif name in self._applied:
                setattr(field.owner, field.trait_name, field.server_value)
                self._applied.discard(name)

    def _pending(self) -> dict[str, Any]:
        """What counts after the next start, where it is not what counts now."""
        pending = {}
        for name, field in self._fields.items():
            if field.mutable and not field.live:
                stored = name in self._stored and name not in self._ignored
                target = self._stored[name][0] if stored else field.server_value
                if target != field.value:
                    pending[name] = target
        return pending

    def _setting(self, field: Field, pending: dict[str, Any]) -> ConfigSetting:
        source: ConfigSource = "default"
        if field.name in self._applied:
            source = "user"
        elif field.from_server:
            source = "server"
        return ConfigSetting(
            name=field.name,
            value=field.shown(field.value),
            default=field.shown(field.default),
            source=source,
            mutable=field.mutable,
            restart_required=not field.live,
            pending_value=field.shown(pending[field.name]) if field.name in pending else None,
            help=field.help,
        )

    async def read(self) -> Config:
        await self.refresh()
        return self._config()

    def _config(self) -> Config:
        pending = self._pending()
        settings = [self._setting(field, pending) for field in self._fields.values()]
        return Config(
            values={setting.name: setting.value for setting in settings},
            settings=settings,
            version=self._version,
            restart_required=sorted(pending),
        )

    async def status(self) -> ConfigStatus:
        await self.refresh()
        pending = self._pending()

        def change(name: str, value: Any) -> ConfigChange:
            changed_at = self._stored[name][1] if name in self._stored else None
            return ConfigChange(name=name, value=self._fields[name].shown(value), changed_at=changed_at)

        return ConfigStatus(
            status="restart_required" if pending else "applied",
            version=self._version,
            applied=[
                change(name, self._fields[name].value)
                for name in sorted(self._applied)
                if name in self._stored and name not in pending
            ],
            pending=[change(name, value) for name, value in sorted(pending.items())],
            ignored=[ConfigIgnored(name=name, reason=reason) for name, reason in sorted(self._ignored.items())],
        )

    def schema(self) -> ConfigSchema:
        """JSON Schema 2020-12 of the flat object of dotted names; extensions: `x-live`, `x-section`."""
        properties: dict[str, Any] = {}
        for name, field in self._fields.items():
            properties[name] = {
                **json_schema_of(field.trait),
                "description": field.help,
                "default": field.shown(field.default),
                "x-section": name.split(".", 1)[0],
                "x-live": field.live,
                **({"readOnly": True} if not field.mutable else {}),
                **({"writeOnly": True, "format": "password"} if field.secret and field.mutable else {}),
            }
        return ConfigSchema(
            json_schema={
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "title": "jupyter_agent configuration",
                "type": "object",
                "properties": properties,
                "additionalProperties": False,
            }
        )

    def capabilities(self) -> ConfigCapabilities:
        mutable = [field for field in self._fields.values() if field.mutable]
        sections = list(dict.fromkeys(name.split(".", 1)[0] for name in self._fields))
        mutable_sections = {field.name.split(".", 1)[0] for field in mutable}
        notes = [
            "A live setting counts for the next request; the others after the server's next start.",
            f"The section {SERVER_SECTION!r} is set in Jupyter's configuration (AgentApp) only.",
        ]
        if self._locked:
            notes.append("The administrator keeps what Jupyter's configuration sets (AgentApp.lock_config).")
        return ConfigCapabilities(
            mutable_sections=[section for section in sections if section in mutable_sections],
            immutable_sections=[section for section in sections if section not in mutable_sections],
            live=[field.name for field in mutable if field.live],
            restart=[field.name for field in mutable if not field.live],
            immutable=[field.name for field in self._fields.values() if not field.mutable],
            locked=self._locked,
            notes=notes,
        )

    # Writing ---------------------------------------------------------------------------------------------------------

    def _validated(self, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """The values as the traits keep them, and what is wrong with the others. Changes no setting."""
        good: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for name, value in values.items():
            field = self._fields[name]
            problem = _problem(field.trait, value)
            if problem is None:
                scratch = type(field.owner)()
                try:
                    setattr(scratch, field.trait_name, value)
                    good[name] = getattr(scratch, field.trait_name)
                except TraitError as error:
                    problem = "is not valid" if field.secret else str(error)
            if problem is not None:
                problems[name] = problem
        return good, problems

    def _check_mutable(self, names: Sequence[str]) -> None:
        for name in names:
            field = self._fields[name]
            if not field.mutable:
                why = (
                    "is set in Jupyter's configuration only"
                    if name.startswith(f"{SERVER_SECTION}.")
                    else "is kept by the administrator's configuration"
                )
                raise ApiError(409, "immutable", f"{name} {why}.", details={"name": name})

    async def patch(self, values: dict[str, Any], version: int | None = None) -> Config:
        """Sets values, all or none, and gives the configuration after it.

        Raises ApiError 422 for an unknown name or a bad value, 409 for a name that cannot be changed here and for a
        `version` that is not the current one."""
        unknown = {f"values.{name}": "there is no such setting" for name in values if name not in self._fields}
        if unknown:
            raise _errors(unknown)
        self._check_mutable(list(values))
        # "***" is what a read gives for a secret; written back, it changes nothing.
        values = {name: value for name, value in values.items() if not (self._fields[name].secret and value == MASK)}
        good, problems = self._validated(values)
        if problems:
            raise _errors({f"values.{name}": problem for name, problem in problems.items()})
        return await self._write(good, [], version)

    async def reset(self, names: list[str] | None = None) -> Config:
        """Forgets what was set through the API, for these names or for all, and gives the configuration after it.

        Raises ApiError 422 for an unknown name."""
        if names is not None:
            unknown = {
                f"names.{index}": f"there is no setting {name[:128]!r}"
                for index, name in enumerate(names)
                if name not in self._fields and name not in self._stored
            }
            if unknown:
                raise _errors(unknown)
        return await self._write({}, names, None)

    async def _write(self, values: dict[str, Any], forget: list[str] | None, version: int | None) -> Config:
        from sqlalchemy import delete
        from sqlalchemy.exc import IntegrityError

        from jupyter_agent.storage.tables import SettingRow, utcnow

        def write(session: OrmSession) -> None:
            row = session.get(SettingRow, VERSION_ROW, with_for_update=True)
            current = row.value["version"] if row else 0
            if version is not None and version != current:
                raise conflict("The configuration was changed in between.", version=current)
            now = utcnow()
            if row is None:
                session.add(SettingRow(name=VERSION_ROW, value={"version": 1}, updated_at=now))
            else:
                row.value = {"version": current + 1}
                row.updated_at = now
            for name, value in values.items():
                session.merge(SettingRow(name=ROW_PREFIX + name, value={"value": value}, updated_at=now))
            rows = delete(SettingRow).where(SettingRow.name.startswith(ROW_PREFIX, autoescape=True))
            if forget is None:
                session.execute(rows)
            elif forget:
                session.execute(rows.where(SettingRow.name.in_([ROW_PREFIX + name for name in forget])))

        async with self._writing:
            try:
                await self._db.write(write)
            except IntegrityError as error:
                # Two servers on one database made the first change at the same moment.
                raise conflict("The configuration was changed in between.") from error
            await self._read()
            self._apply()
            return self._config()
