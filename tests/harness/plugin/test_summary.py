"""The summary line: always there when there was anything to compare, never otherwise."""

pytest_plugins = ["pytester"]


def test_it_counts_everything(project):
    project.record("""
        def test_two(rref):
            rref.check(TWO, SAME, RULES)

        def test_stale(rref):
            rref.check(Call("base::c", {"x": 1.0}), {"x": 1.0}, {"x": Rule("closed")}, pick={"x": Take(bare=True)})

        def test_unused(rref):
            rref.check(Call("base::list", {"a": 2.5}), {"a": 2.5}, {"a": Rule("closed")})
    """).assert_outcomes(passed=3)
    project.write("""
        def test_two(rref):
            rref.check(TWO, SAME, RULES)
            rref.check(TWO, {**SAME, "a": 1.5 * (1 + 1e-13)}, RULES, case="nearly")

        def test_wrong(rref):
            rref.check(TWO, {**SAME, "a": 1.51}, RULES)

        def test_stale(rref):
            rref.check(Call("base::c", {"x": 9.0}), {"x": 9.0}, {"x": Rule("closed")}, pick={"x": Take(bare=True)})

        def test_missing(rref):
            rref.check(Call("base::identity", {"x": 9.0}), {"x": 9.0}, {"x": Rule("closed")}, pick={"x": Take(bare=True)})

        @pytest.mark.skip(reason="planted")
        def test_skipped(rref):
            pass
    """)
    result = project.run("-q")
    result.assert_outcomes(passed=1, failed=3, skipped=1)
    result.stdout.re_match_lines(
        [
            r"rref replay: 3 compared \(2 agree, 1 disagree\); recorded with R [\d.]+; "
            r"worst 2\.2 digits \(a of test_wrong\); 1 stale, 1 missing, 2 unused, 1 skipped \(planted\)"
        ]
    )


def test_environments_are_named(project):
    project.record("""
        def test_metafor(rref):
            call = Call("base::list", {"a": 1.0}, packages=("metafor",))
            rref.check(call, {"a": 1.0}, {"a": Rule("closed")})
    """)
    project.run().stdout.re_match_lines([r"rref replay: 1 compared \(1 agree\); recorded with R [\d.]+, metafor [\d.]+; .*"])


def test_xfailed_comparisons_are_compared_not_skipped(project, a_recording):
    project.write("""
        @pytest.mark.xfail(strict=True)
        def test_two(rref):
            rref.check(TWO, {**SAME, "a": 9.0}, RULES)
    """)
    result = project.run()
    result.assert_outcomes(xfailed=1)
    result.stdout.fnmatch_lines(["rref replay: 1 compared (1 disagree)*0 skipped*"])


def test_there_is_none_without_a_comparison(project, a_recording):
    project.write("def test_nothing():\n    pass\n")
    result = project.run()
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("rref*")
