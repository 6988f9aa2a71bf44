//! Who may ask what, written out once more by hand: a slip in the table is seen here.

use super::*;

/// Advocate, operator, supervisor, monitor; `-` may not.
const EXPECTED: &str = "
GET /health/live                      aosm and anyone
GET /health/ready                     aosm and anyone
GET /openapi.json                     aosm and anyone
GET /v1/me                            aosm
GET /v1/board                         aosm
GET /v1/events                        aosm
GET /metrics                          -o-m
GET /v1/shards                        -osm
GET /v1/held                          -osm
GET /v1/advocates                     -os-
GET /v1/interpreters                  aos-
GET /v1/calls                         a-s-
GET /v1/calls/{call}                  a-s-
GET /v1/activity                      a-s-
GET /v1/calls/{call}/text             a---
POST /v1/calls/{call}/text            a---
POST /v1/acts/{act}                   a---
POST /v1/acts/interpreter             a---
POST /v1/acts/transfer                a---
POST /v1/acts/supervise               --s-
POST /v1/acts/stop-supervising        --s-
POST /v1/acts/take-over               --s-
POST /v1/reload                       -o--
POST /v1/drain                        -o--
";

#[test]
fn the_table_gives_each_role_what_it_needs_and_nothing_else() {
    let row = |route: &crate::routes::Route| {
        let who = match route.allowed {
            Allowed::Anyone => "aosm and anyone".to_owned(),
            Allowed::Roles(roles) => EVERY_ROLE
                .iter()
                .zip("aosm".chars())
                .map(|(role, letter)| if roles.contains(role) { letter } else { '-' })
                .collect(),
        };
        format!("{:<38}{who}\n", format!("{} {}", route.method, route.path))
    };
    let table: String = ROUTES.iter().map(row).collect();
    assert_eq!(table.trim(), EXPECTED.trim());
}
