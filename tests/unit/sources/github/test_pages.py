"""How large a page may be, as experience shows."""

from roosevelt_pipeline.sources.github.pages import PageSizes


def test_a_page_is_halved_each_time_it_is_too_heavy_down_to_one():
    pages, sizes = PageSizes(), []
    while True:
        sizes.append(pages.size("PullRequests", 24))
        if not pages.too_heavy("PullRequests", sizes[-1]):
            break

    assert sizes == [24, 12, 6, 3, 1]


def test_what_one_repository_taught_holds_for_the_next_and_for_this_query_alone():
    pages = PageSizes()
    pages.too_heavy("PullRequests", 24)

    assert (pages.size("PullRequests", 24), pages.size("PullRequests", 5), pages.size("Commits", 100)) == (12, 5, 100)


def test_after_twenty_clean_pages_it_grows_by_four_and_never_beyond_what_was_asked():
    pages, sizes = PageSizes(), []
    pages.too_heavy("PullRequests", 24)
    for _ in range(100):
        sizes.append(pages.size("PullRequests", 24))
        pages.answered("PullRequests", 24)

    assert sizes == [12] * 20 + [16] * 20 + [20] * 20 + [24] * 40


def test_trouble_begins_the_count_of_clean_pages_anew():
    pages = PageSizes()
    pages.too_heavy("PullRequests", 24)
    for _ in range(19):
        pages.answered("PullRequests", 24)
    pages.too_heavy("PullRequests", 12)
    pages.answered("PullRequests", 24)

    assert pages.size("PullRequests", 24) == 6
