from members.models.address import Address
from members.models.batch import (
    ColumnMapping,
    ColumnMappingQuerySet,
    ImportBatch,
    ImportBatchQuerySet,
    ImportRow,
    ImportRowQuerySet,
)
from members.models.former_match import FormerMatch, FormerMatchQuerySet
from members.models.member import Employment, EmploymentQuerySet, Member, MemberQuerySet, joined_name, list_name
from members.models.merge_request import MergeRequest, MergeRequestQuerySet
from members.models.organization import ContactQuerySet, Organization, OrganizationContact, OrganizationQuerySet
from members.models.other_person import OtherPerson, OtherPersonQuerySet
from members.models.paper_code import PaperCode, PaperCodeQuerySet
from members.models.search_word import SearchWord
from members.models.written_address import WrittenAddress, settled_address
