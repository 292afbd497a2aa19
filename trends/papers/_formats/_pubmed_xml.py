"""PubMed's own XML (efetch, the baseline files): articles and books.

Electronic publication is dated to the day where the issue often knows but a month or season, and comes first
as a rule; so it is the date, and the issue's stands in. Of titles that PubMed translated, which it puts in
brackets, the brackets are dropped; without a translation the title in the paper's own language is used. Tags
are the authors' keywords, then the MeSH headings. An answer of esearch has ids only and says so.
"""

from collections.abc import Iterator

from trends.core.errors import InputError
from trends.papers._content import Content
from trends.papers._formats import _xml
from trends.papers._formats._json_items import language
from trends.papers._record import Format, Record, Rejected

_ROOTS = frozenset(
    "PubmedArticleSet PubmedArticle PubmedBookArticleSet PubmedBookArticle MedlineCitationSet "
    "MedlineCitation eSearchResult".split()
)
_ENTRIES = ("PubmedArticle", "PubmedBookArticle", "MedlineCitation", "DeleteCitation")
_SKIPPED = (
    "ReferenceList",
    "CommentsCorrectionsList",
    "GrantList",
    "ChemicalList",
    "AffiliationInfo",
    "InvestigatorList",
    "GeneralNote",
    "DataBankList",
)
_UNTITLED = ("[Not Available].", "[Not Available]", "Not Available")


def _recognise(content: Content) -> bool:
    return _xml.root(_xml.head(content)) in _ROOTS


def _read(content: Content) -> Iterator[Record | Rejected]:
    if _xml.root(_xml.head(content)) == "eSearchResult":
        raise InputError(
            f"{content.name} is a PubMed search result with ids only; fetch the records themselves (efetch) "
            "as MEDLINE text or XML."
        )
    n_read = 0
    for element in _xml.elements(content, _ENTRIES, skip=_SKIPPED):
        if isinstance(element, Rejected):
            yield element
        elif element.name == "DeleteCitation":
            for pmid in element.texts("PMID"):
                yield Rejected(
                    f"line {element.line}", f"a notice that PubMed deleted {pmid[:20]}, not a paper"
                )
        else:
            n_read += 1
            where = f"record {n_read} (line {element.line})"
            yield _book(where, element) if element.name == "PubmedBookArticle" else _article(where, element)


def _article(where: str, element: _xml.Element) -> Record:
    outer = element if element.name == "MedlineCitation" else element.first("MedlineCitation")
    citation = outer or element
    article = citation.first("Article") or citation
    online = next((known for one in article.all("ArticleDate") if (known := _date(one))), "")
    issues = article.all("Journal", "JournalIssue", "PubDate")
    received = [
        known
        for one in element.all("PubmedData", "History", "PubMedPubDate")
        if one.attributes.get("PubStatus") in ("pubmed", "entrez") and (known := _date(one))
    ]
    issue = next((known for one in issues if (known := _date(one))), "")
    ids = {
        one.attributes.get("IdType", ""): one.text()
        for one in element.all("PubmedData", "ArticleIdList", "ArticleId")
    }
    pmid = citation.text("PMID")
    descriptors = citation.texts("MeshHeadingList", "MeshHeading", "DescriptorName")
    return Record(
        where,
        title=_title(article.text("ArticleTitle")) or article.text("VernacularTitle"),
        abstract=_abstract(article.first("Abstract") or citation.first("OtherAbstract")),
        date=online or issue or min(received, default=""),
        date_source="electronic publication" if online else "issue date" if issue else "PubMed",
        tags=[*citation.texts("KeywordList", "Keyword"), *descriptors],
        authors=_authors(article),
        venue=next(
            (name for key in ("Title", "ISOAbbreviation") if (name := article.text("Journal", key))), ""
        )
        or citation.text("MedlineJournalInfo", "MedlineTA"),
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isdigit() else "",
        arxiv_id=ids.get("arxiv", ""),
        doi=_doi(article) or ids.get("doi", ""),
        language=language(article.text("Language")),
    )


def _book(where: str, element: _xml.Element) -> Record:
    document = element.first("BookDocument") or element
    book = document.first("Book") or document
    title, book_title = document.text("ArticleTitle"), book.text("BookTitle")
    dates = (*document.all("ContributionDate"), *book.all("PubDate"))
    ids = {one.attributes.get("IdType", ""): one.text() for one in document.all("ArticleIdList", "ArticleId")}
    pmid = document.text("PMID")
    return Record(
        where,
        title=_title(title) or document.text("VernacularTitle") or book_title,
        abstract=_abstract(document.first("Abstract")),
        date=next((known for one in dates if (known := _date(one))), ""),
        tags=document.texts("KeywordList", "Keyword"),
        authors=_authors(document) or _authors(book),
        venue=book_title if title else book.text("Publisher", "PublisherName"),
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isdigit() else "",
        doi=_doi(document) or _doi(book) or ids.get("doi", ""),
        language=language(document.text("Language")),
    )


def _title(text: str) -> str:
    if text in _UNTITLED:
        return ""
    bare = text.removesuffix(".")
    return bare[1:-1] if bare.startswith("[") and bare.endswith("]") else text


def _abstract(abstract: _xml.Element | None) -> str:
    """Return an abstract's parts as one text, each after its label."""
    parts = []
    for part in abstract.all("AbstractText") if abstract else ():
        label, text = part.attributes.get("Label", ""), part.text()
        if text:
            parts.append(f"{label}: {text}" if label and label != "UNLABELLED" else text)
    return " ".join(parts)


def _authors(holder: _xml.Element) -> list[str]:
    """Return the names of an article's authors, people and groups, without its editors."""
    lists = [
        one
        for one in holder.all("AuthorList")
        if one.attributes.get("Type") != "editors" or len(holder.all("AuthorList")) == 1
    ]
    names = []
    for author in (author for one in lists for author in one.all("Author")):
        given = author.text("ForeName") or author.text("FirstName") or author.text("Initials")
        parts = (given, author.text("LastName"), author.text("Suffix"))
        # ValidYN="N" marks a name as it was before a correction, which follows.
        if author.attributes.get("ValidYN") != "N":
            names.append(" ".join(filter(None, parts)) or author.text("CollectiveName"))
    return [name for name in names if name]


def _doi(holder: _xml.Element) -> str:
    return next(
        (
            one.text()
            for one in holder.all("ELocationID")
            if one.attributes.get("EIdType") == "doi" and one.attributes.get("ValidYN") != "N"
        ),
        "",
    )


def _date(element: _xml.Element) -> str:
    """Return a date's parts as one text; a date that MEDLINE could not take apart stays as it is."""
    year, month, day = (element.text(name) for name in ("Year", "Month", "Day"))
    if not year:
        return element.text("MedlineDate")
    if not month:
        return f"{element.text('Season')} {year}".strip()
    return "-".join(filter(None, (year, month, day)))


FORMAT = Format("PubMed XML", _recognise, _read)
