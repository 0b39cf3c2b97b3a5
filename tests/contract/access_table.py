"""Who may what: every route against everybody, for a case in the area of some of them and not of others.

`yes` is a 2xx answer (for a list: with what lies there), `none` a 2xx answer without it, a number the status of the
refusal. A colleague marked ' holds the same role in another area: the next grid, beat or street.
"""

from typing import NamedTuple

PEOPLE = ("nobody", "reporter", "resident", "manager", "manager'", "officer", "officer'", "desk", "desk'",
          "supervisor", "supervisor'", "admin", "admin'")

TABLE = """
#                                                no   repor resid  manager    officer    desk       supervisor admin
#                                                body ter   ent    own  other own  other own  other own  other own  oth
GET    /                                         yes  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /static/<path:filename>                   yes  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /demo/latest-cases                        yes  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /problems                                 yes  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /problems/<slug>                          yes  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /api/docs                                 yes  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /api/docs/files/<path:filename>           yes  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /api/openapi.json                         yes  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /api/v1/evidence-key                      yes  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /healthz                                  yes  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /readyz                                   503  503   503    503  503   503  503   503  503   503  503   503  503
GET    /metrics                                  yes  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes

POST   /api/v1/login-codes                       yes  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
POST   /api/v1/tokens                            401  401   401    401  401   401  401   401  401   401  401   401  401
POST   /api/v1/tokens/refresh                    401  401   401    401  401   401  401   401  401   401  401   401  401
DELETE /api/v1/tokens/current                    401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /api/v1/me                                401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
PATCH  /api/v1/me                                401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
POST   /api/v1/me/password                       401  422   422    422  422   422  422   422  422   422  422   422  422
GET    /api/v1/me/notifications                  401  yes   none   yes  none  yes  none  yes  none  none none  none none
POST   /api/v1/me/notifications/<uuid:id>/seen   401  404   404    404  404   yes  404   404  404   404  404   404  404
GET    /api/v1/me/points                         401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /api/v1/me/points/entries                 401  yes   none   yes  none  none none  none none  none none  none none
GET    /api/v1/me/points/holds                   401  yes   none   none none  none none  none none  none none  none none
GET    /api/v1/categories                        401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /api/v1/calendar                          401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /api/v1/calendar/slots                    401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
PUT    /api/v1/calendar/slots                    401  403   403    403  403   403  403   403  403   403  403   yes  403
GET    /api/v1/calendar/<int(min=2000,max=2100):year>
                                                 401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
PUT    /api/v1/calendar/<int(min=2000,max=2100):year>
                                                 401  403   403    403  403   403  403   403  403   403  403   yes  403
GET    /api/v1/calendar/deadlines                401  403   403    403  403   403  403   403  403   403  403   yes  403
POST   /api/v1/calendar/deadlines                401  403   403    403  403   403  403   403  403   403  403   yes  403

POST   /api/v1/reports                           401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /api/v1/reports                           401  yes   none   none none  none none  none none  none none  none none
GET    /api/v1/reports/<uuid:id>                 401  yes   404    404  404   404  404   404  404   404  404   404  404

GET    /api/v1/workflow                          401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes

GET    /api/v1/cases                             401  403   403    yes  none  yes  none  yes  none  yes  none  yes  none
GET    /api/v1/cases/list.csv                    401  403   403    yes  none  yes  none  yes  none  yes  none  yes  none
GET    /api/v1/cases/list.xlsx                   401  403   403    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
POST   /api/v1/cases/moves                       401  403   403    403  403   403  403   yes  yes   403  403   403  403
GET    /api/v1/cases/<number>/case.pdf           401  403   403    403  403   403  403   yes  404   yes  404   403  403
GET    /api/v1/exports                           401  yes   none   none none  none none  none none  none none  none none
GET    /api/v1/exports/<uuid:id>                 401  yes   404    404  404   404  404   404  404   404  404   404  404
DELETE /api/v1/exports/<uuid:id>                 401  yes   404    404  404   404  404   404  404   404  404   404  404
GET    /api/v1/exports/<uuid:id>/file            401  yes   404    404  404   404  404   404  404   404  404   404  404
GET    /api/v1/pushing                           401  403   403    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /api/v1/cases/<number>                    401  403   403    yes  404   yes  404   yes  404   yes  404   yes  404
GET    /api/v1/cases/<number>/events             401  403   403    yes  404   yes  404   yes  404   yes  404   yes  404
GET    /api/v1/cases/<number>/candidates         401  403   403    403  404   403  404   yes  404   403  404   403  404
POST   /api/v1/cases/<number>/acceptance         401  403   403    yes  404   yes  404   403  404   403  404   403  404
POST   /api/v1/cases/<number>/rectification      401  403   403    yes  404   yes  404   403  404   403  404   403  404
POST   /api/v1/cases/<number>/transfer           401  403   403    404  404   404  404   yes  404   403  404   403  404
POST   /api/v1/cases/<number>/return             401  403   403    yes  404   yes  404   403  404   403  404   403  404
POST   /api/v1/cases/<number>/extension          401  403   403    yes  404   yes  404   yes  404   yes  404   403  404
POST   /api/v1/cases/<number>/suspension         401  403   403    yes  404   yes  404   yes  404   yes  404   403  404
POST   /api/v1/cases/<number>/resumption         401  403   403    403  404   403  404   yes  404   yes  404   403  404
POST   /api/v1/cases/<number>/petitions/<uuid:petition_id>/approval
                                                 401  403   403    403  404   403  404   yes  404   yes  404   403  404
POST   /api/v1/cases/<number>/petitions/<uuid:petition_id>/refusal
                                                 401  403   403    403  404   403  404   yes  404   yes  404   403  404
POST   /api/v1/cases/<number>/closure            401  403   403    yes  404   403  404   yes  404   403  404   403  404
POST   /api/v1/cases/<number>/check              401  403   403    yes  404   403  404   yes  404   403  404   403  404
POST   /api/v1/cases/<number>/rework             401  403   403    yes  404   403  404   yes  404   yes  404   403  404
POST   /api/v1/cases/<number>/voiding            401  403   403    403  404   403  404   yes  404   yes  404   403  404
POST   /api/v1/cases/<number>/amendment          401  403   403    403  404   403  404   yes  404   403  404   403  404
POST   /api/v1/cases/<number>/condition          401  403   403    yes  404   403  404   yes  404   403  404   403  404
POST   /api/v1/cases/<number>/reopening          401  yes   404    403  404   403  404   yes  404   yes  404   403  404
POST   /api/v1/cases/<number>/satisfaction       401  yes   404    403  404   403  404   403  404   403  404   403  404
POST   /api/v1/cases/<number>/comments           401  yes   404    yes  404   yes  404   yes  404   yes  404   403  404
GET    /api/v1/cases/<number>/duplicates         401  403   403    yes  404   yes  404   yes  404   yes  404   yes  404
POST   /api/v1/cases/<number>/merge              401  403   403    403  404   403  404   yes  404   403  404   403  404
POST   /api/v1/cases/<number>/unmerging          401  403   403    403  404   403  404   yes  404   403  404   403  404
POST   /api/v1/cases/<number>/reports/<uuid:id>/separation
                                                 401  403   403    403  404   403  404   yes  404   403  404   403  404
POST   /api/v1/cases/<number>/appeal             401  403   403    yes  404   yes  404   403  404   403  404   403  404
POST   /api/v1/cases/<number>/appeal/decision    401  403   403    403  403   403  403   403  403   yes  404   403  403
POST   /api/v1/cases/<number>/review             401  403   403    403  403   403  403   403  403   yes  404   403  403
POST   /api/v1/cases/<number>/reporter-suspensions
                                                 401  403   403    403  403   403  403   403  403   yes  404   403  403
POST   /api/v1/cases/<number>/identity-requests  401  403   403    403  403   403  403   yes  404   yes  404   403  403
GET    /api/v1/cases/<number>/identity-requests  401  403   403    403  403   403  403   yes  404   yes  404   yes  404
POST   /api/v1/cases/<number>/identity-requests/<uuid:request_id>/approval
                                                 401  403   403    403  403   403  403   403  403   yes  404   yes  404
GET    /api/v1/cases/<number>/identity-requests/<uuid:request_id>/identity
                                                 401  403   403    403  403   403  403   403  404   403  404   403  403
GET    /api/v1/me/identity-openings              401  yes   none   none none  none none  none none  none none  none none
GET    /api/v1/supervision/reporter-suspensions  401  403   403    403  403   403  403   403  403   yes  none  yes  none
POST   /api/v1/supervision/reporter-suspensions/<uuid:id>/decision
                                                 401  403   403    403  403   403  403   403  403   yes  404   yes  404
POST   /api/v1/supervision/reporter-suspensions/<uuid:id>/lifting
                                                 401  403   403    403  403   403  403   403  403   yes  404   yes  404
POST   /api/v1/me/export                         401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
POST   /api/v1/me/removal                        401  422   422    422  422   422  422   422  422   422  422   422  422
GET    /api/v1/me/suspensions                    401  yes   none   none none  none none  none none  none none  none none
POST   /api/v1/me/suspensions/<uuid:id>/appeal   401  yes   404    404  404   404  404   404  404   404  404   404  404
POST   /api/v1/reports/<uuid:id>/withdrawal      401  yes   404    404  404   404  404   404  404   404  404   404  404

GET    /api/v1/photos/<uuid:id>/<any(thumb,screen):size>
                                                 401  yes   404    yes  404   yes  404   yes  404   yes  404   yes  404
GET    /api/v1/photos/<uuid:id>/original         401  403   404    403  404   403  404   403  404   403  404   403  404
GET    /api/v1/cases/<number>/side-by-side.jpg   401  yes   404    yes  404   yes  404   yes  404   yes  404   yes  404
GET    /api/v1/cases/<number>/evidence.zip       401  403   403    403  403   403  403   yes  404   yes  404   403  403
GET    /api/v1/cases/<number>/original-requests  401  403   403    403  403   403  403   yes  404   yes  404   403  403
POST   /api/v1/cases/<number>/photos/<uuid:id>/original-requests
                                                 401  403   403    403  403   403  403   yes  404   yes  404   403  403
POST   /api/v1/cases/<number>/original-requests/<uuid:request_id>/approval
                                                 401  403   403    403  403   403  403   yes  404   yes  404   403  403
POST   /api/v1/cases/<number>/photos/<uuid:id>/redactions
                                                 401  403   403    yes  404   403  404   yes  404   403  404   403  404
GET    /api/v1/cases/<number>/photos/<uuid:id>/redactions
                                                 401  403   403    yes  404   yes  404   yes  404   yes  404   yes  404
DELETE /api/v1/cases/<number>/photos/<uuid:id>/redactions/<uuid:box_id>
                                                 401  403   403    yes  404   403  404   yes  404   403  404   403  404

GET    /api/v1/centres                           401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
POST   /api/v1/centres                           401  403   403    403  403   403  403   403  403   403  403   yes  403
PATCH  /api/v1/centres/<uuid:id>                 401  403   403    403  403   403  403   403  403   403  403   yes  404
GET    /api/v1/rewards                           401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
POST   /api/v1/rewards                           401  403   403    403  403   403  403   yes  404   403  403   yes  404
PATCH  /api/v1/rewards/<uuid:id>                 401  403   403    403  403   403  403   yes  404   403  403   yes  404
POST   /api/v1/rewards/<uuid:id>/stock           401  403   403    403  403   403  403   yes  404   403  403   yes  404
POST   /api/v1/redemptions                       401  yes   409    yes  409   403  403   403  403   403  403   403  403
POST   /api/v1/redemptions/<code>/handover       401  403   403    403  403   403  403   yes  404   403  403   403  403
GET    /api/v1/me/redemptions                    401  yes   none   none none  none none  none none  none none  none none
GET    /api/v1/me/redemptions/<uuid:id>/code.svg
                                                 401  yes   404    404  404   404  404   404  404   404  404   404  404
POST   /api/v1/me/redemptions/<uuid:id>/cancellation
                                                 401  yes   404    404  404   404  404   404  404   404  404   404  404
GET    /api/v1/me/points/statement.csv           401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /api/v1/centres/<uuid:id>/statement       401  403   403    403  403   403  403   yes  404   yes  404   yes  404
GET    /api/v1/centres/<uuid:id>/statement.csv   401  403   403    403  403   403  403   yes  404   yes  404   yes  404
GET    /api/v1/points/communities/<area_code>/statement
                                                 401  403   403    403  403   403  403   403  403   yes  404   yes  404
GET    /api/v1/points/funds                      401  403   403    403  403   403  403   403  403   yes  none  yes  none
POST   /api/v1/points/funds                      401  403   403    403  403   403  403   403  403   403  403   yes  403
GET    /api/v1/points/leaderboard                401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /api/v1/me/points/leaderboard             401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
POST   /api/v1/me/points/leaderboard             401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
DELETE /api/v1/me/points/leaderboard             401  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /api/v1/points/holds                      401  403   403    403  403   403  403   403  403   yes  none  403  403
POST   /api/v1/points/holds/<uuid:id>/release    401  403   403    403  403   403  403   403  403   yes  404   403  403
POST   /api/v1/points/holds/<uuid:id>/refusal    401  403   403    403  403   403  403   403  403   yes  404   403  403
GET    /api/v1/supervision/response-times        401  403   403    403  403   403  403   403  403   yes  none  403  403
GET    /api/v1/supervision/cases                 401  403   403    403  403   403  403   403  403   yes  none  403  403
GET    /api/v1/me/figures                        401  403   403    yes  yes   yes  yes   403  403   403  403  403  403
GET    /api/v1/me/figures/cases                  401  403   403    yes  none  yes  none  403  403   403  403  403  403
GET    /api/v1/supervision/appeals               401  403   403    403  403   403  403   403  403   yes  none  403  403
GET    /api/v1/supervision/second-looks          401  403   403    403  403   403  403   403  403   yes  none  403  403
GET    /api/v1/supervision/rates                 401  403   403    403  403   403  403   403  403   yes  yes   403  403
GET    /api/v1/supervision/rates/versions        401  403   403    403  403   403  403   403  403   yes  yes   403  403
GET    /api/v1/supervision/rates/cases           401  403   403    403  403   403  403   403  403   yes  none  403  403
GET    /api/v1/supervision/soon-due              401  403   403    403  403   403  403   403  403   yes  yes   403  403
GET    /api/v1/supervision/unseen                401  403   403    403  403   403  403   403  403   yes  yes   403  403
GET    /api/v1/supervision/to-and-fro            401  403   403    403  403   403  403   403  403   yes  yes   403  403
GET    /api/v1/supervision/holding               401  403   403    403  403   403  403   403  403   yes  yes   403  403
GET    /api/v1/supervision/open-cases            401  403   403    403  403   403  403   403  403   yes  none  403  403
GET    /api/v1/supervision/backlog               401  403   403    403  403   403  403   403  403   yes  yes   403  403
GET    /api/v1/supervision/roster-gaps           401  403   403    403  403   403  403   403  403   yes  none  403  403
GET    /api/v1/supervision/weekly-reports        401  403   403    403  403   403  403   403  403   yes  none  403  403
GET    /api/v1/supervision/weekly-reports/<uuid:id>/report.pdf
                                                 401  403   403    403  403   403  403   403  403   yes  404   403  403
GET    /api/v1/supervision/weekly-reports/subscription
                                                 401  403   403    403  403   403  403   403  403   yes  yes   403  403
PUT    /api/v1/supervision/weekly-reports/subscription
                                                 401  403   403    403  403   403  403   403  403   yes  yes   403  403
DELETE /api/v1/supervision/weekly-reports/subscription
                                                 401  403   403    403  403   403  403   403  403   yes  yes   403  403
GET    /api/v1/supervision/heatmap               401  403   403    403  403   403  403   403  403   yes  yes   403  403
GET    /api/v1/supervision/recurring-spots       401  403   403    403  403   403  403   403  403   yes  yes   403  403
GET    /api/v1/supervision/export.xlsx           401  403   403    403  403   403  403   403  403   yes  yes   403  403
GET    /api/v1/supervision/export.csv            401  403   403    403  403   403  403   403  403   yes  yes   403  403
GET    /api/v1/supervision/export.json           401  403   403    403  403   403  403   403  403   yes  yes   403  403
GET    /api/v1/supervision/open-data.csv         yes  yes   yes    yes  yes   yes  yes   yes  yes   yes  yes   yes  yes
GET    /api/v1/supervision/overdue               401  403   403    403  403   403  403   403  403   yes  none  403  403

POST   /api/v1/areas/previews                    401  403   403    403  403   403  403   403  403   403  403   yes  403
POST   /api/v1/areas/imports                     401  403   403    403  403   403  403   403  403   403  403   yes  403
GET    /api/v1/areas                             401  403   403    yes  none  none none  yes  none  yes  none  yes  none
GET    /api/v1/areas/editions                    401  403   403    403  403   403  403   403  403   403  403   yes  yes
GET    /api/v1/areas/outlines                    401  403   403    yes  none  none none  yes  none  yes  none  yes  none
GET    /api/v1/areas/<code>                      401  403   403    yes  404   404  404   yes  404   yes  404   yes  404
GET    /api/v1/areas/<code>/outline              401  403   403    yes  404   404  404   yes  404   yes  404   yes  404

GET    /api/v1/routing/rules                     401  403   403    403  403   403  403   yes  yes   yes  yes   yes  yes
PUT    /api/v1/routing/rules                     401  403   403    403  403   403  403   403  403   403  403   yes  403
GET    /api/v1/routing/rules/versions            401  403   403    403  403   403  403   yes  yes   yes  yes   yes  yes
GET    /api/v1/routing/rules/versions/<int(min=1,max=1000000):version>
                                                 401  403   403    403  403   403  403   yes  yes   yes  yes   yes  yes
POST   /api/v1/routing/rules/switch              401  403   403    403  403   403  403   403  403   403  403   yes  403
POST   /api/v1/routing/rehearsals                401  403   403    403  403   403  403   403  403   403  403   yes  403
GET    /api/v1/routing/gaps                      401  403   403    403  403   403  403   yes  none  yes  none  yes  none
POST   /api/v1/routing/leaves                    401  403   403    403  403   403  403   yes  404   403  403   yes  404
GET    /api/v1/routing/leaves                    401  403   403    403  403   403  403   yes  none  403  403   yes  none
DELETE /api/v1/routing/leaves/<uuid:id>          401  403   403    403  403   403  403   yes  404   403  403   yes  404
GET    /api/v1/routing/roster                    401  403   403    403  403   403  403   yes  none  403  403   yes  none
POST   /api/v1/routing/roster                    401  403   403    403  403   403  403   yes  403   403  403   yes  403
GET    /api/v1/routing/roster/changes            401  403   403    403  403   403  403   yes  none  403  403   yes  none
GET    /api/v1/routing/roster/<uuid:id>          401  403   403    403  403   403  403   yes  404   403  403   yes  404
PUT    /api/v1/routing/roster/<uuid:id>          401  403   403    403  403   403  403   yes  404   403  403   yes  404
DELETE /api/v1/routing/roster/<uuid:id>          401  403   403    403  403   403  403   yes  404   403  403   yes  404

POST   /api/v1/people                            401  403   403    403  403   403  403   403  403   403  403   yes  403
GET    /api/v1/people                            401  403   403    403  403   403  403   403  403   403  403   yes  none
GET    /api/v1/people/<uuid:id>                  401  403   403    403  403   403  403   403  403   403  403   yes  404
PATCH  /api/v1/people/<uuid:id>                  401  403   403    403  403   403  403   403  403   403  403   yes  404
POST   /api/v1/people/<uuid:id>/deactivation     401  403   403    403  403   403  403   403  403   403  403   yes  404
POST   /api/v1/people/<uuid:id>/reactivation     401  403   403    403  403   403  403   403  403   403  403   yes  404
"""


class Row(NamedTuple):
    """One route: its method, its rule, and what each of PEOPLE gets."""

    method: str
    rule: str
    cells: tuple[str, ...]

    @property
    def name(self) -> str:
        """As it stands in the table."""
        return f"{self.method} {self.rule}"

    @property
    def changes_it(self) -> bool:
        """Whether that which the rule names is another afterwards."""
        return self.method != "GET" and "<" in self.rule


def rows() -> list[Row]:
    """The table, read."""
    words = "\n".join(line for line in TABLE.splitlines() if not line.startswith("#")).split()
    width = 2 + len(PEOPLE)
    return [Row(words[start], words[start + 1], tuple(words[start + 2:start + width]))
            for start in range(0, len(words), width)]
