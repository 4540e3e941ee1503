"""Files of Review Manager 5, built here from the format of its files."""

import numpy as np
import pytest

import pymeta
from pymeta.data.revman5 import read_revman

STUDIES = """
 <STUDIES_AND_REFERENCES><STUDIES>
  <INCLUDED_STUDIES>
   <STUDY DATA_SOURCE="PUB" ID="STD-Ada-2001" NAME="Ada 2001" YEAR="2001"><REFERENCE/></STUDY>
   <STUDY DATA_SOURCE="PUB" ID="STD-Bo_x00e9_-2002" NAME="Bo&#233; &lt;script&gt; 2002" YEAR="2002"/>
   <STUDY DATA_SOURCE="MIX" ID="STD-Cy-2003" NAME="Cy 2003" YEAR="2003"/>
  </INCLUDED_STUDIES>
  <EXCLUDED_STUDIES><STUDY ID="STD-Out-1999" NAME="Out 1999" YEAR="1999"/></EXCLUDED_STUDIES>
  <ONGOING_STUDIES/>
 </STUDIES></STUDIES_AND_REFERENCES>"""
NAUSEA = """
   <DICH_OUTCOME CHI2="0.5" CI_END="2.5" CI_START="0.8" CI_STUDY="95" CI_TOTAL="95" DF="1" EFFECT_MEASURE="RR"
     EFFECT_SIZE="1.4" I2="0.0" ID="CMP-001.01" METHOD="MH" NO="1" P_Z="0.19" RANDOM="YES" TAU2="0.0" Z="1.3">
    <NAME>Nausea,
      any</NAME>
    <GROUP_LABEL_1>Ketamine</GROUP_LABEL_1><GROUP_LABEL_2>Placebo</GROUP_LABEL_2>
    <GRAPH_LABEL_1>Favours ketamine</GRAPH_LABEL_1><GRAPH_LABEL_2>Favours placebo</GRAPH_LABEL_2>
    <DICH_SUBGROUP CHI2="0.1" EFFECT_SIZE="1.2" ID="CMP-001.01.01" NO="1"><NAME>Adults</NAME>
     <DICH_DATA EVENTS_1="3" EVENTS_2="1" ORDER="7" STUDY_ID="STD-Ada-2001" TOTAL_1="20" TOTAL_2="21" WEIGHT="40.5"/>
    </DICH_SUBGROUP>
    <DICH_SUBGROUP ID="CMP-001.01.02" NO="2"><NAME>Children</NAME>
     <DICH_DATA EVENTS_1="8" EVENTS_2="6" ORDER="8" STUDY_ID="STD-Bo_x00e9_-2002" TOTAL_1="30" TOTAL_2="30" WEIGHT="59.5"/>
    </DICH_SUBGROUP>
   </DICH_OUTCOME>"""
PAIN = """
   <CONT_OUTCOME CI_TOTAL="99" EFFECT_MEASURE="SMD" METHOD="IV" NO="2" RANDOM="NO"><NAME>Pain</NAME>
    <CONT_DATA MEAN_1="-1.5" MEAN_2="0.25" ORDER="9" SD_1="1.0" SD_2="1.5" STUDY_ID="STD-Ada-2001"
      TOTAL_1="20" TOTAL_2="21"/>
    <CONT_DATA MEAN_1="-1.0" MEAN_2="0.0" ORDER="10" SD_1="1.0" SD_2="1.1" STUDY_ID="STD-Cy-2003" TOTAL_1="10" TOTAL_2="11"/>
   </CONT_OUTCOME>"""
OTHERS = """
   <IV_OUTCOME CI_TOTAL="95" METHOD="IV" NO="1" RANDOM="YES"><NAME>Survival</NAME>
    <EFFECT_MEASURE>Hazard Ratio</EFFECT_MEASURE>
    <IV_DATA ESTIMATE="-0.25" SE="0.125" STUDY_ID="STD-Cy-2003" TOTAL_1="0" TOTAL_2="0"/>
   </IV_OUTCOME>
   <IPD_OUTCOME EFFECT_MEASURE="PETO_OR" METHOD="PETO" NO="2"><NAME>Death</NAME>
    <IPD_DATA EVENTS_1="1" EVENTS_2="2" O_E="-0.5" STUDY_ID="STD-Ada-2001" TOTAL_1="9" TOTAL_2="9" VAR="0.75"/>
   </IPD_OUTCOME>
   <OTHER_OUTCOME NO="3"><NAME>In words</NAME></OTHER_OUTCOME>"""


def review(nausea=NAUSEA, pain=PAIN):
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<COCHRANE_REVIEW TYPE="INTERVENTION"><COVER_SHEET><TITLE>Ketamine for <I>pain</I></TITLE></COVER_SHEET>{STUDIES}
 <ANALYSES_AND_DATA>
  <COMPARISON ID="CMP-001" NO="1"><NAME>Ketamine versus placebo</NAME>{nausea}{pain}</COMPARISON>
  <COMPARISON ID="CMP-002" NO="2"><NAME>Ketamine versus nothing</NAME>{OTHERS}</COMPARISON>
 </ANALYSES_AND_DATA>
</COCHRANE_REVIEW>"""


@pytest.fixture
def write(tmp_path):
    def written(text):
        path = tmp_path / "review.rm5"
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def read(write):
    return lambda text: read_revman(write(text))


def test_studies_comparisons_and_outcomes(read):
    found = read(review())
    assert found.title == "Ketamine for pain"
    assert list(found.studies["study"]) == ["Ada 2001", "Boé <script> 2002", "Cy 2003", "Out 1999"]
    assert list(found.studies["status"]) == ["included"] * 3 + ["excluded"]
    assert list(found.comparisons["name"]) == ["Ketamine versus placebo", "Ketamine versus nothing"]
    assert list(found.outcomes["name"]) == ["Nausea, any", "Pain", "Survival", "Death"]
    assert list(found.outcomes["measure"]) == ["RR", "SMD", "GEN", "PETO"]
    assert list(found.outcomes["kind"]) == ["dichotomous", "continuous", "generic", "individual"]
    first = found.outcomes.iloc[0]
    assert (first["method"], bool(first["random"]), first["level"], first["estimate"]) == ("MH", True, 95.0, 1.4)
    assert (first["group1"], first["favours2"], first["pval"]) == ("Ketamine", "Favours placebo", 0.19)
    assert np.isnan(found.outcomes["estimate"][1])


def test_subgroups_and_rows(read):
    found = read(review())
    assert list(found.subgroups["name"]) == ["Adults", "Children"]
    nausea = found.outcome(1, 1)
    assert list(nausea["subgroup"]) == [1, 2]
    assert nausea[["ai", "n1i", "ci", "n2i"]].to_numpy().tolist() == [[3, 20, 1, 21], [8, 30, 6, 30]]
    pain = found.outcome(1, 2)
    assert list(pain["subgroup"]) == [0, 0]
    assert "ai" not in pain
    assert found.outcome(2, 1)[["yi", "sei"]].to_numpy().tolist() == [[-0.25, 0.125]]
    assert found.outcome(2, 2)[["o_e", "vi"]].to_numpy().tolist() == [[-0.5, 0.75]]


def test_rows_go_straight_into_the_engine(read):
    rows = read(review()).outcome(1, 1)
    columns = {name: name for name in ("ai", "n1i", "ci", "n2i")}
    direct = pymeta.escalc("RR", ai=[3, 8], n1i=[20, 30], ci=[1, 6], n2i=[21, 30])
    assert pymeta.escalc("RR", data=rows, **columns)["yi"].tolist() == direct["yi"].tolist()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not XML"),
        ("study,ai\nA,1\n", "not XML"),
        ("<html/>", "outermost element is 'html'"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><COCHRANE_REVIEW>&b;</COCHRANE_REVIEW>', "declares XML entities"),
        (
            review().replace('EVENTS_1="3"', 'EVENTS_1="three"'),
            "study 'Ada 2001': DICH_DATA, EVENTS_1='three'",
        ),
        (review().replace('NO="2"><NAME>Children', 'NO="x"><NAME>Children'), "NO='x' is not a whole number"),
        (
            review().replace('STUDY_ID="STD-Cy-2003"', 'STUDY_ID="STD-No"', 1),
            "the study 'STD-No', which the file",
        ),
    ],
)
def test_what_is_no_review_is_refused_by_place(text, words, read):
    with pytest.raises(pymeta.DataError) as caught:
        read(text)
    assert words in str(caught.value)
    assert "review.rm5" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(pymeta.DataError, match=r"none\.rm5: cannot be read: No such file"):
        read_revman(tmp_path / "none.rm5")


def test_an_outcome_that_is_not_there(read):
    with pytest.raises(pymeta.DataError, match=r"no outcome 1\.9 with rows; outcomes: 1\.1, 1\.2, 2\.1, 2\.2"):
        read(review()).outcome(1, 9)
    assert read(review(nausea="", pain="")).outcomes["comparison"].tolist() == [2, 2]
