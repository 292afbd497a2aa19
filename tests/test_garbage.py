"""Python's search for dead cycles stops inside and goes on outside, whoever comes and leaves when."""

import gc
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from trends.core.garbage import no_search_for_cycles


@pytest.fixture(autouse=True)
def searching():
    gc.enable()
    yield
    gc.enable()


def test_the_search_stops_inside_and_goes_on_after_an_error():
    with pytest.raises(ZeroDivisionError), no_search_for_cycles():
        with no_search_for_cycles():
            assert not gc.isenabled()
        assert not gc.isenabled()
        raise ZeroDivisionError
    assert gc.isenabled()


def test_a_search_that_the_user_stopped_stays_so():
    gc.disable()
    with no_search_for_cycles():
        pass
    assert not gc.isenabled()


def test_the_last_thread_to_leave_lets_it_go_on():
    both, one_left = Barrier(2), Barrier(2)

    def first():
        with no_search_for_cycles():
            both.wait()
        one_left.wait()

    def second():
        with no_search_for_cycles():
            both.wait()
            one_left.wait()
            return gc.isenabled()

    with ThreadPoolExecutor(2) as pool:
        pool.submit(first)
        assert pool.submit(second).result() is False
    assert gc.isenabled()
