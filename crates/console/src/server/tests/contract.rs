//! The OpenAPI description keeps its word: whatever is asked, the answer's status is in it.

use super::*;

/// Whether the description has that status for that route.
fn is_described(document: &serde_json::Value, route: &crate::routes::Route, status: u16) -> bool {
    let method = route.method.as_str().to_lowercase();
    !document["paths"][route.path][method]["responses"][status.to_string()].is_null()
}

#[tokio::test]
async fn every_status_that_is_answered_is_described() {
    let served = served(Proxy::None).await;
    let document = serde_json::from_str(&crate::document()).expect("JSON");
    let huge = "x".repeat(70_000);
    let long_key = format!("Idempotency-Key: {}\r\nContent-Type: application/json", "k".repeat(65));
    for route in &ROUTES {
        let line = line(route);
        let mut asked = vec![(String::new(), "")];
        for &role in EVERY_ROLE {
            let bearer = format!("\r\nAuthorization: Bearer {}", token(role));
            let with = |line: &str| format!("{bearer}\r\n{line}");
            asked.push((bearer.clone(), "{}"));
            for body in ["", "{", "[]", "{\"canary\":1}", huge.as_str()] {
                asked.push((with("Content-Type: application/json"), body));
            }
            asked.push((with(&long_key), "{\"number\":103}"));
        }
        for (head, body) in asked {
            let status = status_of(&served, &format!("{line} HTTP/1.1{head}"), body).await;
            assert!(is_described(&document, route, status), "{line}: {status}");
        }
    }
    for _ in 0..11 {
        let head = "GET /v1/me HTTP/1.1\r\nAuthorization: Bearer wrong";
        let status = status_of(&served, head, "").await;
        assert!(is_described(&document, &ROUTES[3], status), "{status}");
    }
}

/// Without waiting for the end, since streams have none.
async fn status_of(served: &Served, head: &str, body: &str) -> u16 {
    let mut stream = TcpStream::connect(served.address).await.expect("it listens");
    let length = body.len();
    let request = format!(
        "{head}\r\nHost: console\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    // It may refuse before it has read a large body.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = vec![0; 256];
    let length = stream.read(&mut answer).await.expect("an answer");
    status(&String::from_utf8_lossy(&answer[..length]))
}
