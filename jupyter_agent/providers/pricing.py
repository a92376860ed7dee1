"""What a model request cost: the user's own prices first, then the public price list (genai-prices)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from jupyter_agent.api.models import Usage
from jupyter_agent.providers.catalogue import FREE, ProviderConfig
from jupyter_agent.providers.models import ModelPrice

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, TieredPrices
    from pydantic_ai.usage import RequestUsage, RunUsage

PriceSource = Literal["user", "genai-prices", "free"]

MILLION = Decimal(1_000_000)
BILLIONTH = Decimal("1e-9")


def money(amount: Decimal | None) -> str | None:
    """The amount as it goes over the wire: no exponent, twelve decimals at the most."""
    if amount is None:
        return None
    text = f"{amount.quantize(Decimal('1e-12')):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def usage_of(usage: RequestUsage | RunUsage, *, requests: int = 1) -> Usage:
    """pydantic-ai's numbers as ours, without a price."""
    return Usage(
        input=usage.input_tokens,
        output=usage.output_tokens,
        cache_read=usage.cache_read_tokens,
        cache_write=usage.cache_write_tokens,
        requests=requests,
    )


def price(
    config: ProviderConfig, url: str | None, model_id: str, usage: Usage
) -> tuple[Decimal | None, PriceSource | None]:
    """US dollars of this usage and whose price it is; (None, None) where no price is known.

    Tokens read from and written to a cache are part of `usage.input` and are counted at their own prices. Whole
    billionths of a dollar, as the ledger keeps them: sums of what is shown and of what is stored are the same."""
    amount, source = _price(config, url, model_id, usage)
    return None if amount is None else amount.quantize(BILLIONTH), source


def _price(
    config: ProviderConfig, url: str | None, model_id: str, usage: Usage
) -> tuple[Decimal | None, PriceSource | None]:
    if (own := config.prices.get(model_id)) is not None:
        return _by_table(own, usage), "user"
    if config.kind in FREE:
        return Decimal(0), "free"
    if not usage.input and not usage.output:
        # A provider that reports no usage: nobody can say what it cost.
        return None, None
    from genai_prices import Usage as PricedUsage
    from genai_prices import calc_price

    tokens = PricedUsage(
        input_tokens=usage.input,
        output_tokens=usage.output,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write,
    )
    # The address says best whose price it is; the kind is right only at the kind's own address or a proxy of it.
    for reference in _references(config, url):
        try:
            found = calc_price(tokens, model_id, **reference)  # type: ignore[call-overload]
        except (LookupError, ValueError):
            continue
        return Decimal(found.total_price), "genai-prices"
    return None, None


def saved(config: ProviderConfig, url: str | None, model_id: str, usage: Usage) -> Decimal | None:
    """US dollars that this usage would have cost more, had nothing been read from the provider's cache: the same price
    table, all tokens at the full price. None where no price is known; never less than nothing."""
    paid, _ = price(config, url, model_id, usage)
    if paid is None or not usage.cache_read:
        return None if paid is None else Decimal(0)
    full, _ = price(config, url, model_id, usage.model_copy(update={"cache_read": 0}))
    return None if full is None else max(full - paid, Decimal(0))


def _by_table(own: ModelPrice, usage: Usage) -> Decimal:
    plain = Decimal(own.input)
    read = plain if own.cache_read is None else Decimal(own.cache_read)
    write = plain if own.cache_write is None else Decimal(own.cache_write)
    uncached = max(usage.input - usage.cache_read - usage.cache_write, 0)
    return (
        uncached * plain + usage.cache_read * read + usage.cache_write * write + usage.output * Decimal(own.output)
    ) / MILLION


def _references(config: ProviderConfig, url: str | None) -> list[dict[str, str]]:
    references = [{"provider_api_url": url}] if url else []
    if config.facts.price_id is not None:
        references.append({"provider_id": config.facts.price_id})
    return references


class Known(NamedTuple):
    """What the public list knows of a model."""

    context_window: int | None = None
    input_price: Decimal | None = None
    output_price: Decimal | None = None


def look_up(config: ProviderConfig, url: str | None, model_id: str) -> Known:
    """What the public list knows of this model at this provider. Loads the list on first use: call it in a thread."""
    if config.kind in FREE:
        return Known()
    from genai_prices.data_snapshot import get_snapshot

    for reference in _references(config, url):
        try:
            _, info = get_snapshot().find_provider_model(
                model_id, None, reference.get("provider_id"), reference.get("provider_api_url")
            )
        except LookupError:
            continue
        return _known(info)
    return Known()


def _known(info: ModelInfo) -> Known:
    prices = info.get_prices(datetime.now(UTC))
    return Known(info.context_window, _base(prices.input_mtok), _base(prices.output_mtok))


def _base(price: Decimal | TieredPrices | None) -> Decimal | None:
    """The price of the first tier: what a short request costs."""
    return price if price is None or isinstance(price, Decimal) else price.base
