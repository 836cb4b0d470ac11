"""The hosts of a domain come in the order of RFC 5321 5.1, and where there are none, a reply says why."""

import doctest
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.base.seed import Seed
from smtplab.mta import zone as zone_module
from smtplab.mta.zone import MAX_ALIASES, Exchanger, MailRoute, NoRoute, Zone, ZoneError
from support.python import printed_by

SEED = Seed(1)
HOSTS = {
    "a.example": ["192.0.2.1"],
    "b.example": ["192.0.2.2"],
    "c.example": ["192.0.2.3"],
    "d.example": ["192.0.2.4"],
}


def zone_of(*records: tuple[int, str], **more: object) -> Zone:
    """Return a zone in which lab.example has these MX records."""
    mx = {"lab.example": records} if records else {}
    return Zone(**{"mx": mx, "hosts": HOSTS, **more})  # type: ignore[arg-type]


def hosts(zone: Zone, domain: str = "lab.example", me: Iterable[str] = (), seed: Seed = SEED) -> list[str]:
    """Return the names of the hosts to try for a domain that has a route."""
    route = zone.route(domain, seed, me)
    assert isinstance(route, MailRoute), route
    return [each.name for each in route.exchangers]


def refusal(zone: Zone, domain: str = "lab.example", me: Iterable[str] = ()) -> str:
    """Return the codes with which mail for a domain without a route is refused."""
    found = zone.route(domain, SEED, me)
    assert isinstance(found, NoRoute), found
    return f"{found.reply.code} {found.reply.enhanced}"


def test_the_lowest_preference_is_tried_first() -> None:
    assert hosts(zone_of((30, "c.example"), (10, "a.example"), (20, "b.example"))) == [
        "a.example",
        "b.example",
        "c.example",
    ]


def test_equal_preferences_come_in_an_order_that_the_seed_draws() -> None:
    zone = zone_of((10, "a.example"), (10, "b.example"), (5, "c.example"), (20, "d.example"))
    orders = {tuple(hosts(zone, seed=SEED.fork(turn))) for turn in range(20)}
    assert orders == {
        ("c.example", "a.example", "b.example", "d.example"),
        ("c.example", "b.example", "a.example", "d.example"),
    }
    assert hosts(zone, seed=SEED.fork(3)) == hosts(zone, seed=SEED.fork(3))


def test_the_order_in_which_records_are_listed_makes_no_difference() -> None:
    one = zone_of((10, "a.example"), (10, "b.example"), (10, "c.example"))
    other = zone_of((10, "c.example"), (10, "b.example"), (10, "a.example"))
    assert all(hosts(one, seed=Seed(number)) == hosts(other, seed=Seed(number)) for number in range(20))


def test_two_processes_with_different_hash_seeds_find_the_same_order() -> None:
    script = (
        "from smtplab.base.seed import Seed\nfrom smtplab.mta.zone import Zone\n"
        "names = [f'{letter}.example' for letter in 'abcdefgh']\n"
        "hosts = {name: ['192.0.2.1'] for name in names}\n"
        "zone = Zone(mx={'lab.example': [(10, name) for name in names]}, hosts=hosts)\n"
        "print(zone.route('lab.example', Seed(1), ['x.example', 'y.example']))\n"
    )
    assert printed_by(script, PYTHONHASHSEED="1") == printed_by(script, PYTHONHASHSEED="2")


@pytest.mark.parametrize("form", ["bücher.example", "BÜCHER.Example", "xn--bcher-kva.example", "bücher.example."])
def test_all_forms_of_a_domain_have_one_route(form: str) -> None:
    zone = Zone(mx={form: [(10, "MAIL.Bücher.example.")]}, hosts={"mail.bücher.example": ["192.0.2.1"]})
    for wanted in ("bücher.example", "Xn--bcher-kva.example."):
        assert hosts(zone, wanted) == ["mail.xn--bcher-kva.example"]


def test_a_host_with_several_addresses_is_tried_at_each() -> None:
    zone = Zone(mx={"lab.example": [(10, "a.example")]}, hosts={"a.example": ["192.0.2.1", "2001:DB8::1", "192.0.2.1"]})
    assert zone.route("lab.example", SEED) == MailRoute(
        "lab.example", (Exchanger("a.example", "192.0.2.1"), Exchanger("a.example", "2001:db8::1"))
    )


def test_ports_come_from_the_zone() -> None:
    zone = zone_of((10, "a.example"), (20, "b.example"), ports={"b.example": 2526}, port=2525)
    route = zone.route("lab.example", SEED)
    assert isinstance(route, MailRoute)
    assert [each.port for each in route.exchangers] == [2525, 2526]


def test_a_domain_without_mx_records_is_its_own_host() -> None:
    assert hosts(zone_of(), "A.example") == ["a.example"]


def test_a_domain_with_mx_records_is_not_its_own_host() -> None:
    assert hosts(Zone(mx={"a.example": [(10, "b.example")]}, hosts=HOSTS), "a.example") == ["b.example"]


def test_an_mx_host_without_an_address_is_skipped() -> None:
    assert hosts(zone_of((10, "nowhere.example"), (20, "b.example"))) == ["b.example"]


@pytest.mark.parametrize(
    ("zone", "domain", "codes"),
    [
        (zone_of(), "nowhere.example", "550 5.1.2"),
        (zone_of(), "", "550 5.1.2"),
        (zone_of(), "[300.0.0.1]", "550 5.1.2"),
        (zone_of((10, "nowhere.example")), "lab.example", "550 5.4.4"),
        (zone_of((0, ".")), "lab.example", "556 5.1.10"),
        (zone_of(aliases={"x.example": "y.example", "y.example": "x.example"}), "x.example", "451 4.4.3"),
        (zone_of(aliases={"x.example": "x.example"}), "x.example", "451 4.4.3"),
        (zone_of(aliases={"x.example": "nowhere.example"}), "x.example", "550 5.1.2"),
    ],
)
def test_where_there_is_no_host_a_reply_says_why(zone: Zone, domain: str, codes: str) -> None:
    assert refusal(zone, domain) == codes


def test_the_reason_names_the_domain() -> None:
    found = zone_of((10, "nowhere.example")).route("Lab.example", SEED)
    assert isinstance(found, NoRoute)
    assert found.domain == "lab.example"
    assert found.reason == found.reply.text
    assert "lab.example" in found.reason


@pytest.mark.parametrize(
    ("literal", "address"),
    [("[192.0.2.9]", "192.0.2.9"), ("[IPv6:2001:db8::9]", "2001:db8::9"), ("[ipv6:2001:DB8::9]", "2001:db8::9")],
)
def test_an_address_literal_needs_no_records(literal: str, address: str) -> None:
    route = Zone(port=2525).route(literal, SEED)
    assert isinstance(route, MailRoute)
    assert [(each.address, each.port) for each in route.exchangers] == [(address, 2525)]


def test_an_alias_leads_to_the_records_of_its_name() -> None:
    zone = zone_of((10, "a.example"), aliases={"x.example": "y.example", "y.example": "lab.example"})
    assert hosts(zone, "x.example") == ["a.example"]


def test_an_mx_that_names_an_alias_is_followed() -> None:
    zone = zone_of((10, "mail.example"), aliases={"mail.example": "a.example"}, ports={"a.example": 26})
    assert zone.route("lab.example", SEED) == MailRoute("lab.example", (Exchanger("mail.example", "192.0.2.1", 26),))


def test_a_chain_of_aliases_may_be_long_but_ends() -> None:
    def zone_with(length: int) -> Zone:
        aliases = {f"x{n}.example": f"x{n - 1}.example" for n in range(2, length + 1)} | {"x1.example": "a.example"}
        return zone_of(aliases=aliases)

    assert hosts(zone_with(MAX_ALIASES), f"x{MAX_ALIASES}.example") == ["a.example"]
    assert refusal(zone_with(MAX_ALIASES + 1), f"x{MAX_ALIASES + 1}.example") == "451 4.4.3"


# "Drop what is at or behind myself", RFC 5321 5.1

FOUR = zone_of((10, "a.example"), (20, "b.example"), (20, "c.example"), (30, "d.example"))


def test_a_backup_host_hands_on_to_nearer_hosts_only() -> None:
    assert hosts(FOUR, me=["b.example"]) == ["a.example"]
    assert hosts(FOUR, me=["D.EXAMPLE."])[0] == "a.example"
    assert len(hosts(FOUR, me=["d.example"])) == 3


def test_the_best_host_that_is_not_the_destination_notices_the_loop() -> None:
    assert refusal(FOUR, me=["a.example"]) == "554 5.4.6"
    assert refusal(FOUR, me=iter(["d.example", "a.example"])) == "554 5.4.6"


def test_a_host_knows_itself_by_its_address_and_port() -> None:
    zone = Zone(
        mx={"lab.example": [(10, "one.example"), (20, "two.example")]},
        hosts={name: ["127.0.0.1"] for name in ("one.example", "two.example", "me.example")},
        ports={"one.example": 2501, "two.example": 2502, "me.example": 2502},
    )
    assert hosts(zone, me=["me.example"]) == ["one.example"]
    assert hosts(zone, "one.example", me=["me.example"]) == ["one.example"]
    assert refusal(zone, "two.example", me=["me.example"]) == "554 5.4.6"


def test_a_domain_that_is_its_own_host_does_not_relay_to_itself() -> None:
    assert refusal(zone_of(), "a.example", me=["a.example"]) == "554 5.4.6"


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        ({"hosts": {"a.example": []}}, ("hosts", "a.example")),
        ({"hosts": {"a.example": ["192.0.2.300"]}}, ("hosts", "a.example")),
        ({"ports": {"a.example": 0}}, ("hosts", "a.example")),
        ({"mx": {"lab.example": []}}, ("mx", "lab.example")),
        ({"mx": {"lab.example": [(65536, "a.example")]}}, ("mx", "lab.example")),
        ({"mx": {"lab.example": [(0, "."), (10, "a.example")]}}, ("mx", "lab.example")),
        ({"aliases": {"A.example": "b.example"}, "hosts": HOSTS}, ("aliases", "A.example")),
        ({"aliases": {"lab.example": "b.example"}, "mx": {"lab.example": [(1, "x.x")]}}, ("aliases", "lab.example")),
    ],
)
def test_a_zone_that_contradicts_itself_is_refused_with_its_place(arguments: object, place: tuple[str, str]) -> None:
    with pytest.raises(ZoneError) as caught:
        Zone(**arguments)  # type: ignore[arg-type]
    assert caught.value.place == place


def test_the_addresses_of_a_host_are_found_by_every_name() -> None:
    zone = zone_of(aliases={"x.example": "A.example", "loop.example": "loop.example"})
    assert zone.addresses("X.example.") == ("192.0.2.1",)
    assert zone.addresses("loop.example") == zone.addresses("nowhere.example") == ()


def test_the_names_of_a_zone_are_listed_once() -> None:
    zone = Zone(mx={"A.example": [(1, "b.example")]}, hosts=HOSTS, aliases={"x.example": "y.example"})
    assert zone.domains == ("a.example", "b.example", "c.example", "d.example", "x.example")


NAMES = [f"{letter}.example" for letter in "abcde"]
NAME = st.sampled_from(NAMES)


@given(
    st.dictionaries(NAME, st.lists(st.tuples(st.integers(0, 3), NAME), min_size=1, max_size=4)),
    st.dictionaries(NAME, st.sampled_from([["192.0.2.1"], ["192.0.2.2"], ["192.0.2.3", "192.0.2.1"]])),
    st.dictionaries(NAME, NAME),
    st.sets(NAME, max_size=2),
    st.integers(0, 9),
)
def test_every_lookup_ends_and_a_host_never_gets_itself(
    mx: dict[str, list[tuple[int, str]]],
    addresses: dict[str, list[str]],
    aliases: dict[str, str],
    me: set[str],
    number: int,
) -> None:
    aliases = {name: target for name, target in aliases.items() if name not in mx and name not in addresses}
    zone = Zone(mx=mx, hosts=addresses, aliases=aliases)
    own = [address for name in me for address in zone.addresses(name)]
    for domain in NAMES:
        found = zone.route(domain, Seed(number), me)
        if isinstance(found, NoRoute):
            assert found.reply.code >= 400
            continue
        assert found.exchangers
        assert not {each.name for each in found.exchangers} & me
        assert not {each.address for each in found.exchangers} & set(own)
        if domain in mx:
            tried = [min(rank for rank, host in mx[domain] if host == each.name) for each in found.exchangers]
            assert tried == sorted(tried)
            assert len(set(found.exchangers)) == len(found.exchangers)


def test_the_example_in_the_module_is_true() -> None:
    assert doctest.testmod(zone_module, extraglobs={"Seed": Seed}).failed == 0


def test_a_zone_can_be_changed_for_one_domain() -> None:
    zone = zone_of((10, "a.example"), ports={"b.example": 2525})
    changed = zone.with_mx("Lab.Example", (10, "b.example"), (5, "c.example"))
    assert hosts(changed) == ["c.example", "b.example"]
    assert hosts(zone) == ["a.example"]
    assert [each.port for each in changed.route("lab.example", SEED).exchangers] == [25, 2525]  # type: ignore[union-attr]
    assert hosts(zone.with_mx("a.example", (1, "b.example")).with_mx("a.example"), "a.example") == ["a.example"]


def test_a_zone_can_be_given_one_more_host_that_takes_its_own_mail() -> None:
    zone = zone_of((10, "a.example"))
    more = zone.with_host("Own.Example", "198.18.0.1").with_host("lab.example", "198.18.0.2")
    assert hosts(more, "own.example") == ["own.example"]
    assert hosts(more, "lab.example") == ["lab.example"]
    assert more.addresses("own.example") == ("198.18.0.1",)
    assert hosts(zone) == ["a.example"]


def test_a_zone_is_shown_as_records() -> None:
    zone = Zone(
        mx={"lab.example": [(20, "b.example"), (10, "a.example")]},
        hosts={"a.example": ["192.0.2.1", "2001:db8::1"], "b.example": ["192.0.2.2"]},
        aliases={"www.example": "a.example"},
    )
    assert str(zone) == (
        "lab.example  MX     10 a.example\n"
        "lab.example  MX     20 b.example\n"
        "a.example    A      192.0.2.1\n"
        "a.example    AAAA   2001:db8::1\n"
        "b.example    A      192.0.2.2\n"
        "www.example  CNAME  a.example"
    )
    assert str(Zone()) == ""
