"""One thread per sum: who is inside shares one limit, in whatever order and threads they come and go."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from trends.core.threads import one_thread_per_sum


def threads_of_sums():
    from threadpoolctl import threadpool_info

    return {pool["filepath"]: pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_the_limit_is_lifted_by_the_last_to_leave():
    with one_thread_per_sum():
        pass  # loads what there is to limit
    before = threads_of_sums()
    first, second = one_thread_per_sum(), one_thread_per_sum()
    first.__enter__()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(second.__enter__).result()
        first.__exit__(None, None, None)
        assert set(threads_of_sums().values()) == {1}
        pool.submit(second.__exit__, None, None, None).result()
    assert threads_of_sums() == before


def test_the_limit_is_lifted_after_an_error():
    with one_thread_per_sum():
        pass
    before = threads_of_sums()
    with pytest.raises(ValueError), one_thread_per_sum():
        assert set(threads_of_sums().values()) == {1}
        raise ValueError
    assert threads_of_sums() == before
