"""Forecasts: models against statsmodels, a back-test that reads nothing later, and skill that was planted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.forecasting.theta import ThetaModel, ThetaModelResults
from statsmodels.tsa.holtwinters import Holt, SimpleExpSmoothing

from trends.core.errors import InputError
from trends.timeline import _forecast as inner
from trends.timeline import _forecast_models as models
from trends.timeline._forecast import forecast_shares

FIRST, HORIZON = 8, 6


def table(seed, n_topics=40, n=28, *, move=0.0, share=0.01, total=2000, dispersion=1.0, season=None):
    """Make papers whose log share follows `move` (an array, or a slope per period), and all papers."""
    rng = np.random.default_rng(seed)
    n_total = np.round(total * rng.uniform(0.85, 1.15, n)).astype(int)
    shares = share * np.exp(
        np.broadcast_to(move * np.arange(n) if np.isscalar(move) else move, (n_topics, n))
    )
    if season:
        phase = rng.uniform(0, season, (n_topics, 1))
        shares = shares * np.exp(0.5 * np.sin(2 * np.pi * (np.arange(n) + phase) / season))
    if dispersion > 1:
        size = (n_total - dispersion) / (dispersion - 1)
        shares = rng.beta(shares * size, (1 - shares) * size)
    return rng.binomial(n_total, shares), n_total


@pytest.fixture(scope="module")
def series():
    papers, n_total = table(3, n_topics=4, n=22, move=0.03)
    return models.logit(papers, n_total)


# ---- the models, with statsmodels as judge ----


def test_drift_is_the_random_walk_with_drift(series):
    ours = models._drift(series, FIRST, HORIZON)
    theirs = ARIMA(series[0], order=(0, 1, 0), trend="t").fit().forecast(HORIZON)
    np.testing.assert_allclose(ours[0, -1], theirs, rtol=1e-4)
    theirs = ARIMA(series[1, :12], order=(0, 1, 0), trend="t").fit().forecast(HORIZON)
    np.testing.assert_allclose(ours[1, 12 - FIRST], theirs, rtol=1e-4)


@pytest.mark.parametrize("origin", [8, 15, 22])
def test_smoothing_takes_the_alpha_of_least_squares_and_its_level(series, origin):
    start, _ = models._line(series[:, :FIRST])
    level, alpha, spread = models._smoothed(series, start, FIRST)
    for k, z in enumerate(series):
        fits = [
            SimpleExpSmoothing(z[1:origin], initialization_method="known", initial_level=start[k]).fit(
                smoothing_level=value, optimized=False
            )
            for value in models._ALPHA
        ]
        best = min(fits, key=lambda fit: fit.sse)
        at = origin - FIRST
        assert alpha[k, at] == best.params["smoothing_level"]
        assert level[k, at] == pytest.approx(best.forecast(1)[0], rel=1e-9)
        assert spread[k, at] == pytest.approx(np.sqrt(best.sse / (origin - 1)), rel=1e-9)


@pytest.mark.parametrize("origin", [8, 15, 22])
def test_damped_trend_takes_the_parameters_of_least_squares(series, origin):
    start, lift = models._line(series[:, :FIRST])
    ours = models._damped(series, start, lift, FIRST, HORIZON)
    for k, z in enumerate(series[:2]):
        fits = [
            Holt(
                z[1:origin],
                damped_trend=True,
                initialization_method="known",
                initial_level=start[k],
                initial_trend=lift[k],
            ).fit(smoothing_level=alpha, smoothing_trend=beta, damping_trend=phi, optimized=False)
            for alpha, beta, phi in models._DAMPED
        ]
        best = min(fits, key=lambda fit: fit.sse)
        np.testing.assert_allclose(ours[k, origin - FIRST], best.forecast(HORIZON), rtol=1e-9)


@pytest.mark.parametrize("origin", [8, 15, 22])
def test_theta_is_that_of_statsmodels(series, origin):
    start, _ = models._line(series[:, :FIRST])
    level, alpha, _ = models._smoothed(series, start, FIRST)
    ours = models._theta(series, level, alpha, FIRST, HORIZON)
    at = origin - FIRST
    for k, z in enumerate(series):
        slope = np.polyfit(np.arange(origin), z[:origin], 1)[0]
        model = ThetaModel(z[:origin], deseasonalize=False)
        result = ThetaModelResults(slope, alpha[k, at], None, level[k, at], np.empty(0), False, model)
        np.testing.assert_allclose(ours[k, at], result.forecast(HORIZON), rtol=1e-9)


def test_a_straight_line_is_carried_on():
    z = np.array([0.1 * np.arange(24) - 3])
    start, lift = models._line(z[:, :FIRST])
    level, alpha, _ = models._smoothed(z, start, FIRST)
    np.testing.assert_allclose(models._drift(z, FIRST, 3)[0, -1], [-0.6, -0.5, -0.4])
    assert models._damped(z, start, lift, FIRST, 3)[0, -1] == pytest.approx([-0.6, -0.5, -0.4], abs=0.05)
    # Theta adds half of the slope on purpose.
    theta = models._theta(z, level, alpha, FIRST, 3)[0, -1]
    np.testing.assert_allclose(np.diff(theta), 0.05)


# ---- the back-test ----


@pytest.mark.parametrize("season", [None, 4, 12])
def test_no_origin_reads_what_came_after_it(season):
    papers, n_total = table(1, n_topics=5, n=40, move=0.02, season=season)
    first = models.first_origin(season)
    steadiness = models.steadiness_of(papers, n_total, season)
    before, spread = models.all_origins(papers, n_total, season, HORIZON, steadiness)
    for origin in range(first, 40):
        changed, totals = papers.copy(), n_total.copy()
        changed[:, origin:] = np.random.default_rng(origin).integers(0, 500, changed[:, origin:].shape)
        totals[origin:] = 900
        steadiness = models.steadiness_of(changed, totals, season)
        after, spread_after = models.all_origins(changed, totals, season, HORIZON, steadiness)
        seen = slice(origin - first + 1)
        np.testing.assert_array_equal(before[:, seen], after[:, seen])
        np.testing.assert_array_equal(spread[:, seen], spread_after[:, seen])
        assert (before[:, seen.stop :] != after[:, seen.stop :]).all()


@pytest.mark.parametrize("season", [None, 4])
def test_simple_rules_read_the_periods_that_they_name(season):
    papers, n_total = table(2, n_topics=3, n=20)
    shares = papers / n_total
    origins = np.arange(8, 20)
    naive = models.simple_rule("naive", papers, n_total, origins, HORIZON, season)
    mean = models.simple_rule("mean", papers, n_total, origins, HORIZON, season)
    assert naive[1, 2, 0] == shares[1, 9]
    assert mean[1, 2, 0] == pytest.approx(papers[1, :10].sum() / n_total[:10].sum())
    if season:
        last = models.simple_rule("seasonal naive", papers, n_total, origins, HORIZON, season)
        # Origin 10: periods 10 to 15 are told by 6, 7, 8, 9 and again 6, 7.
        np.testing.assert_array_equal(last[1, 2], shares[1, [6, 7, 8, 9, 6, 7]])
        usual = models.simple_rule("seasonal mean", papers, n_total, origins, HORIZON, season)
        assert usual[1, 2, 4] == pytest.approx(papers[1, [2, 6]].sum() / n_total[[2, 6]].sum())
        assert usual[1, 2, 3] == pytest.approx(papers[1, [1, 5, 9]].sum() / n_total[[1, 5, 9]].sum())


def test_errors_are_compared_over_the_same_cells():
    papers, n_total = table(5, n_topics=3, n=15, move=0.05)
    skill = forecast_shares(papers, n_total).skill
    shares = papers / n_total
    centre, _ = models.all_origins(papers, n_total, None, 3, 0.0)
    for k in range(3):
        model, naive, mean = [], [], []
        for origin in range(8, 15):
            usual = np.median(n_total[origin - 4 : origin])
            for ahead in range(min(3, 15 - origin)):
                truth = shares[k, origin + ahead]
                guess = (usual + 1) / (1 + np.exp(-centre[k, origin - 8, ahead])) / usual - 0.5 / usual
                model.append(abs(guess - truth))
                naive.append(abs(shares[k, origin - 1] - truth))
                mean.append(abs(papers[k, :origin].sum() / n_total[:origin].sum() - truth))
        best = min(np.mean(naive), np.mean(mean))
        assert skill["mase"][k] == pytest.approx(np.mean(model) / best)
        assert skill["mase_in_sample"][k] == pytest.approx(np.mean(model) / np.abs(np.diff(shares[k])).mean())
    assert (skill["n_origins"] == 7).all()
    assert skill["pooled_mase"][0] == pytest.approx(np.exp(np.log(skill["mase"]).mean()))


def test_intervals_of_the_back_test_know_earlier_errors_only():
    rng = np.random.default_rng(0)
    errors = rng.normal(size=(30, 10, 3))
    for now in range(1, 11):
        low, high = inner._quantiles(errors, now)
        for ahead in range(3):
            # The truth of origin j and horizon h is the period before origin j + h.
            known = np.sort(errors[:, : max(0, now - ahead), ahead].ravel())
            if len(known) >= 20:
                k = (len(known) + 1) // 10
                assert (low[ahead], high[ahead]) == (known[k - 1], known[-k])
    few = errors[:1]
    assert np.isnan(inner._quantiles(few, 2)).all()
    # One topic has too few errors by horizon and takes those of all horizons.
    assert len(set(inner._quantiles(few, 6)[0])) == 1


def test_coverage_and_loss_are_those_of_the_intervals():
    papers, n_total = table(5, n_topics=6, n=20, move=0.05)
    skill = forecast_shares(papers, n_total).skill
    played = inner._play(papers, n_total, None, 5)
    intervals = inner._calibrated(played, np.ones(6, bool))
    shares = papers / n_total
    everywhere = []
    for k in range(6):
        inside, loss = [], []
        for at in range(12):
            for ahead in range(5):
                if 8 + at + ahead >= 20 or np.isnan(intervals.low[at, ahead]):
                    continue
                low, high = (
                    models.share_at(
                        played.centre[k, at, ahead]
                        + intervals.width * side[at, ahead] * played.spread[k, at],
                        played.usual[at],
                    )
                    for side in (intervals.low, intervals.high)
                )
                truth = shares[k, 8 + at + ahead]
                inside.append(low - 1e-9 <= truth <= high + 1e-9)
                for bound, level in ((low, 0.1), (high, 0.9)):
                    loss.append((truth - bound) * (level - (truth < bound)))
        assert skill["coverage"][k] == pytest.approx(np.mean(inside))
        assert skill["pinball"][k] == pytest.approx(np.mean(loss))
        everywhere += inside
    assert skill["pooled_coverage"][0] == pytest.approx(np.mean(everywhere))
    assert 0.75 <= np.mean(everywhere) <= 0.85


# ---- planted skill and none ----


def test_skill_on_planted_growth_is_found_and_shown():
    shown, inside = [], []
    for seed in range(6):
        papers, n_total = table(seed, n=40, move=0.04)
        found = forecast_shares(papers[:, :34], n_total[:34])
        shown.append(found.skill["shown"].mean())
        assert found.skill["pooled_coverage"].between(0.75, 0.85).all()
        truth = (papers / n_total)[:, 34:]
        mine = found.skill["shown"].to_numpy()
        inside.append(((found.low <= truth) & (truth <= found.high))[mine])
        error = np.abs(found.share - truth)[mine].mean()
        assert error < np.abs(papers[mine, 33:34] / n_total[33] - truth[mine]).mean()
    assert np.mean(shown) > 0.8
    assert 0.75 <= np.concatenate(inside).mean() <= 0.88


@pytest.mark.parametrize("dispersion", [1, 3])
@pytest.mark.parametrize("season", [None, 12])
def test_a_share_that_only_flickers_shows_no_skill(dispersion, season):
    for seed in range(20):
        papers, n_total = table(seed, n=36, dispersion=dispersion)
        skill = forecast_shares(papers, n_total, season=season).skill
        assert not skill["shown"].any()
        assert skill["pooled_mase"][0] > 1
    assert (skill["reason"].str.startswith("no skill")).all()


def test_a_random_walk_shows_no_skill():
    n_shown, below = 0, []
    for seed in range(20):
        steps = np.random.default_rng(seed).normal(0, 0.2, (40, 30))
        papers, n_total = table(seed, n=30, move=steps.cumsum(axis=1) - 1, total=20_000)
        skill = forecast_shares(papers, n_total).skill
        n_shown += skill["shown"].any()
        below.append((skill["mase"] < 1).mean())
    assert n_shown <= 1
    # Some topics have an error below 1 by luck: that is what the rule over all topics is for.
    assert np.mean(below) > 0.05


def test_a_season_is_carried_on():
    papers, n_total = table(0, n=54, move=0.02, season=12, share=0.02)
    found = forecast_shares(papers[:, :48], n_total[:48], season=12)
    mine = found.skill["shown"].to_numpy()
    assert mine.mean() > 0.8
    truth = (papers / n_total)[mine, 48:]
    blind = forecast_shares(papers[:, :48], n_total[:48])
    blind_error = np.abs(models.share_at(_centre(papers[:, :48], n_total[:48]), 2000)[mine] - truth).mean()
    assert np.abs(found.share[mine] - truth).mean() < 0.7 * blind_error
    assert not blind.skill["shown"].all()


def _centre(papers, n_total):
    return models.all_origins(papers, n_total, None, HORIZON, 0.0)[0][:, -1]


# ---- edges ----


def test_too_few_periods_say_how_many_are_needed():
    papers, n_total = table(0, n=12)
    found = forecast_shares(papers, n_total)
    assert found.share.shape == found.low.shape == found.high.shape == (40, 3)
    assert np.isnan(found.share).all()
    assert set(found.skill["reason"]) == {"too few periods for a back-test: 12 of the 13 that it needs"}
    papers, n_total = table(0, n=28)
    reason = forecast_shares(papers, n_total, season=12).skill["reason"][0]
    assert reason == "too few periods for a back-test: 28 of the 29 that it needs"
    assert forecast_shares(papers[:, :0], n_total[:0]).share.shape == (40, 0)


def test_topics_without_papers_have_nothing_to_forecast_and_do_not_count():
    papers, n_total = table(0, n=36, move=0.04)
    alone = forecast_shares(papers, n_total)
    empty = forecast_shares(np.vstack([papers, np.zeros((3, 36), int)]), n_total)
    assert empty.skill["reason"].iloc[-1] == "nothing to beat: the naive rule made no error in the back-test"
    assert not empty.skill["shown"].iloc[-3:].any()
    assert empty.skill["pooled_mase"][0] == alone.skill["pooled_mase"][0]
    np.testing.assert_array_equal(empty.share[:-3], alone.share)
    nothing = forecast_shares(np.zeros((2, 36), int), n_total)
    assert not nothing.skill["shown"].any()
    assert forecast_shares(papers[:0], n_total).skill.empty


def test_one_topic_alone_can_have_a_forecast():
    papers, n_total = table(0, n_topics=1, n=36, move=0.06, share=0.005, total=20_000)
    found = forecast_shares(papers, n_total)
    assert found.skill["shown"][0]
    assert found.skill["reason"][0] == f"error {found.skill['mase'][0]:.2f} of the naive rule's"
    assert found.low[0, 0] < found.share[0, 0] < found.high[0, 0]


def test_few_topics_must_win_by_more():
    n_shown = 0
    for seed in range(60):
        steps = np.random.default_rng(seed).normal(0, 0.2, (1, 30))
        papers, n_total = table(seed, n_topics=1, n=30, move=steps.cumsum(axis=1) - 1, total=20_000)
        skill = forecast_shares(papers, n_total).skill
        assert skill["pooled_limit"][0] == pytest.approx(np.exp(-0.2))
        n_shown += skill["shown"][0]
        if 0.82 < skill["mase"][0] < 1:
            assert skill["reason"][0].endswith("of the simple rules', below 0.82 is needed")
    assert n_shown <= 8


def test_no_order_of_topics_changes_anything():
    papers, n_total = table(4, n=36, move=0.03, season=12)
    order = np.random.default_rng(0).permutation(len(papers))
    for season in (None, 12):
        plain = forecast_shares(papers, n_total, season=season)
        mixed = forecast_shares(papers[order], n_total, season=season)
        np.testing.assert_allclose(mixed.share, plain.share[order], rtol=1e-12)
        np.testing.assert_allclose(mixed.low, plain.low[order], rtol=1e-12)
        again = plain.skill.iloc[order].reset_index(drop=True)
        numbers = again.columns.drop(["baseline", "reason"])
        np.testing.assert_allclose(
            mixed.skill[numbers].astype(float), again[numbers].astype(float), rtol=1e-12
        )
        assert mixed.skill["reason"].equals(again["reason"])


def test_chunks_of_topics_change_nothing(monkeypatch):
    papers, n_total = table(4, n=36, move=0.04)
    whole = forecast_shares(papers, n_total)
    monkeypatch.setattr(inner, "_CHUNK", 7)
    cut = forecast_shares(papers, n_total)
    np.testing.assert_allclose(cut.share, whole.share, rtol=1e-12)
    np.testing.assert_allclose(cut.skill["pinball"], whole.skill["pinball"], rtol=1e-12)


def test_input_is_left_as_it_was():
    papers, n_total = table(4, n=36, season=12)
    copies = papers.copy(), n_total.copy()
    forecast_shares(papers, n_total, season=12)
    np.testing.assert_array_equal(papers, copies[0])
    np.testing.assert_array_equal(n_total, copies[1])


@pytest.mark.parametrize(
    ("papers", "totals", "season", "message"),
    [
        ([1, 2], [3, 4], None, "topics by periods"),
        ([[1, 2]], [3], None, "topics by periods"),
        ([[1, 0]], [3, 0], None, "n_total must be above 0"),
        ([[1, 0]], [3, np.nan], None, "n_total must be above 0"),
        ([[-1, 0]], [3, 3], None, "n_papers must lie between"),
        ([[4, 0]], [3, 3], None, "n_papers must lie between"),
        ([[np.nan, 0]], [3, 3], None, "n_papers must lie between"),
        ([[1, 0]], [3, 3], 1, "season must be"),
        ([[1, 0]], [3, 3], 2.5, "season must be"),
    ],
)
def test_impossible_input_is_refused(papers, totals, season, message):
    with pytest.raises(InputError, match=message):
        forecast_shares(np.array(papers), np.array(totals), season=season)


@st.composite
def wild(draw):
    n_topics, n = draw(st.integers(1, 5)), draw(st.integers(1, 32))
    n_total = draw(
        st.lists(st.one_of(st.integers(1, 4), st.integers(1, 10**6)), min_size=n, max_size=n).map(np.array)
    )
    kind = draw(st.sampled_from(["any", "none", "all", "rising", "rare"]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    part = {
        "any": rng.uniform(size=(n_topics, n)),
        "none": np.zeros((n_topics, n)),
        "all": np.ones((n_topics, n)),
        "rising": np.linspace(0, 1, n) * rng.uniform(0.5, 1, (n_topics, 1)),
        "rare": rng.uniform(size=(n_topics, n)) ** 20,
    }[kind]
    return np.floor(part * n_total).astype(int), n_total, draw(st.sampled_from([None, 2, 4, 12]))


@settings(max_examples=200, deadline=None)
@given(wild())
def test_wild_tables_give_ordered_shares_or_nothing(drawn):
    papers, n_total, season = drawn
    found = forecast_shares(papers, n_total, season=season)
    shown = found.skill["shown"].to_numpy()
    assert len(found.skill) == len(papers)
    for part in (found.share, found.low, found.high):
        assert part.shape == (len(papers), min(6, len(n_total) // 4))
        assert np.isfinite(part[shown]).all()
        assert np.isnan(part[~shown]).all()
    low, share, high = found.low[shown], found.share[shown], found.high[shown]
    assert ((low >= 0) & (low <= share) & (share <= high) & (high <= 1)).all()
    assert (found.skill.loc[shown, ["mase", "pooled_mase"]] < 1).all(axis=None)
    assert (found.skill["reason"] != "").all()
