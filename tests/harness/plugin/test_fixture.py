"""The fixture rref: what is compared, and how R's value is taken apart."""

import pytest
import scipy.stats  # noqa: F401 - the tests inside use it, and it can be imported only once a process

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.usefixtures("shared_r")

LIVE = ("--rref=live", "--rref-backend=worker")


def test_parts_of_an_htest(project):
    project.write("""
        from scipy import stats

        X = np.array([1.0, 2.0, 4.0, 7.0])
        CALL = Call("stats::t.test", {"x": X})

        def t_test():
            result = stats.ttest_1samp(X, 0)
            interval = result.confidence_interval()
            return {"statistic": float(result.statistic), "p.value": float(result.pvalue), "low": float(interval.low)}

        RULES = {"statistic": Rule("closed"), "p.value": Rule("closed_p"), "low": Rule("closed")}
        PICK = {"statistic": "statistic", "p.value": "p.value", "low": Take("conf.int", 0)}

        def test_picked(rref):
            agreement = rref.check(CALL, t_test, RULES, pick=PICK)
            assert agreement.ok and len(agreement.quantities) == 3

        def test_selected(rref):
            def of(value):
                found = dict(zip(value.names, value.values))
                return {"df": found["parameter"].values[0].item()}

            rref.check(CALL, {"df": 3.0}, {"df": Rule("exact")}, select=of)
    """)
    project.run(*LIVE).assert_outcomes(passed=2)


def test_names_are_compared_unless_they_are_taken_off(project):
    project.write("""
        CALL = Call("stats::quantile", {"x": np.array([1.0, 2.0, 3.0, 4.0, 5.0]), "probs": np.array([0.25, 0.75])})
        RULES = {"q": Rule("closed")}

        def test_named(rref):
            rref.check(CALL, {"q": {"25%": 2.0, "75%": 4.0}}, RULES, pick={"q": Take()})

        def test_bare(rref):
            rref.check(CALL, {"q": np.array([2.0, 4.0])}, RULES, pick={"q": Take(bare=True)})

        def test_forgotten(rref):
            rref.check(CALL, {"q": np.array([2.0, 4.0])}, RULES, pick={"q": Take()})
    """)
    result = project.run(*LIVE)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["E*names differ: none and ('25%', '75%')*", "E*Take(..., bare=True)*"])


def test_what_is_no_list_of_quantities_is_refused_without_a_pick(project):
    project.write("def test_it(rref):\n    rref.check(Call('base::sqrt', {'x': 4.0}), {'a': 2.0}, {'a': Rule('closed')})\n")
    result = project.run(*LIVE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*R's answer is not a list of uniquely named quantities*"])


def test_an_adapter_of_the_project(project):
    (project.path / "fit.R").write_text(
        "fit <- function(x, y) { m <- summary(lm(y ~ x))$coefficients; list(slope = m[2, 1], se = m[2, 2]) }\n"
    )
    source = """
        from pathlib import Path
        from scipy import stats

        def test_slope(rref):
            x, y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 3.0, 2.0, 5.0])
            line = stats.linregress(x, y)
            call = Call("fit", {"x": x, "y": y}, adapter=Path("fit.R"), packages=("stats",))
            rules = {"slope": Rule("closed"), "se": Rule("closed")}
            rref.check(call, {"slope": float(line.slope), "se": float(line.stderr)}, rules)
    """
    project.record(source).assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    (project.path / "fit.R").write_text((project.path / "fit.R").read_text() + "# changed\n")
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*StaleRecording: fit: *differs in: the adapter*", "rref replay*1 stale*"])


def test_adapters_that_come_with_pymeta_can_be_recorded(project):
    source = """
        from pymeta.resources import shipped

        def test_pool(rref):
            call = Call("study_effects", {"measure": "GEN", "data": {"yi": [1.0, 2.0], "vi": [1.0, 1.0]}},
                        adapter=shipped("r_reference", "pool.R"), packages=("metafor",))
            yi = {"yi": np.array([1.0, 2.0]), "vi": np.array([1.0, 1.0])}
            rref.check(call, yi, {"yi": Rule("closed"), "vi": Rule("closed")})
    """
    project.record(source).assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)


def test_a_tightened_call_judges_and_gives_r_its_own_digits(project):
    project.record("""
        def test_iterated(rref):
            rough, exact = Call("base::list", {"x": 1.0001}), Call("base::list", {"x": 1.0})
            agreement = rref.check(rough, {"x": 1.0}, {"x": Rule("iterative")}, tightened=exact)
            assert agreement.quantities[0].reference_digits == pytest.approx(4.0, abs=0.01)
    """).assert_outcomes(passed=1)
    assert [path.name.split("-")[1] for path in project.recordings()].count("tightened") == 1
    project.run("--rref-strict").assert_outcomes(passed=1)


def test_both_may_refuse(project):
    project.write("""
        CALL = Call("base::log", {"x": "a"})

        def refuses():
            raise ValueError("a text has no logarithm")

        def test_both(rref):
            rref.check(CALL, refuses, RULES)
    """)
    project.run(*LIVE).assert_outcomes(passed=1)


def test_a_pick_and_a_select_together_are_refused(project):
    project.write("def test_it(rref):\n    rref.check(TWO, SAME, RULES, pick=('a', 'b'), select=dict)\n")
    result = project.run(*LIVE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*pick and select: give one of them, not both"])
