use super::*;

const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&{{ 7 * 7 }}";

fn picture(caption: &str, kimg: Option<f64>) -> Picture {
    Picture { caption: caption.to_owned(), kimg, image: b"png".to_vec() }
}

fn lines(lines: usize) -> History {
    let line = |step: usize| {
        format!(
            "{{\"step\":{step},\"kimg\":{step},\"loss_d\":1.5,\"loss_g\":0.5,\"d_real\":0.6,\
             \"d_fake\":0.4,\"images_per_second\":300}}\n"
        )
    };
    History::read(&(1..=lines).map(line).collect::<String>())
}

#[test]
fn a_page_has_pictures_curves_and_tables() {
    let page = Page {
        title: "00000-digits".to_owned(),
        pictures: vec![picture("step 0", Some(0.0)), picture("step 9", Some(9.0))],
        reals: Some(picture("reals", None)),
        history: lines(9),
        tables: vec![Table {
            title: "Options".to_owned(),
            head: Vec::new(),
            rows: vec![vec!["batch".to_owned(), "64".to_owned()]],
        }],
        ..Page::default()
    };
    let html = page.html().unwrap();
    assert_eq!(html.matches("data:image/png;base64,cG5n").count(), 3);
    // Without scripts all but the last picture are hidden.
    assert_eq!(html.matches(" hidden>").count(), 2, "one picture and the controls");
    assert!(html.contains("alt=\"step 9\" data-kimg=\"9\">"), "the last one is shown");
    assert_eq!(html.matches("<svg").count(), 3);
    assert_eq!(html.matches("<polyline").count(), 5);
    assert!(html.contains("<td>batch</td><td>64</td>"));
}

#[test]
fn nothing_from_outside_is_taken_for_html() {
    let hostile = || HOSTILE.to_owned();
    let line = serde_json::json!({
        "kimg": 1, HOSTILE: 2, "verdict": HOSTILE, "object": { HOSTILE: { HOSTILE: 3 }, "t": HOSTILE }
    });
    let page = Page {
        title: hostile(),
        summary: hostile(),
        progress: Some(Progress { share: 0.5, text: hostile() }),
        facts: vec![Fact { name: hostile(), value: hostile() }],
        notes: vec![hostile()],
        pictures: vec![picture(HOSTILE, None)],
        reals: Some(picture(HOSTILE, None)),
        each: Duration::from_millis(60),
        history: History::read(&line.to_string()),
        tables: vec![Table {
            title: hostile(),
            head: vec![hostile()],
            rows: vec![vec![hostile()]],
        }],
        footer: hostile(),
    };
    let html = page.html().unwrap();
    assert_eq!(html.matches("<script").count(), 1, "only its own");
    assert_eq!(html.matches("<img").count(), 2);
    assert!(!html.contains("'alert"), "quotes are escaped too");
    assert!(html.contains("{{ 7 * 7 }}"), "no template is filled twice");
    // Title, summary, progress, a fact, a note, two pictures, table, footer: some more than once.
    assert!(html.matches("&#60;script&#62;alert(1)").count() >= 15);
}

#[test]
fn a_run_without_lines_and_pictures_has_a_page() {
    let html = Page::default().html().unwrap();
    assert!(html.contains("This run has drawn no picture yet."));
    assert!(!html.contains("<svg") && !html.contains("<img") && !html.contains("type=\"range\""));
}

#[test]
fn verdicts_are_in_the_head_and_have_their_course() {
    let history = History::read(
        "{\"kimg\":1,\"health\":{\"verdict\":\"healthy\",\"norm\":1}}\n\
         {\"kimg\":2,\"health\":{\"verdict\":\"stalled\",\"norm\":1}}\n",
    );
    let html = Page { history, ..Page::default() }.html().unwrap();
    assert!(html.contains("<dt>Verdict</dt><dd>stalled</dd>"), "{html}");
    assert!(html.contains("<td>1</td><td>healthy</td>"));
    assert_eq!(html.matches("<h2>Health</h2>").count(), 1);
}

#[test]
fn the_policy_allows_the_script_that_is_there() {
    let html = Page::default().html().unwrap();
    let (_, rest) = html.split_once("<script>").unwrap();
    let (script, _) = rest.split_once("</script>").unwrap();
    let hash = STANDARD.encode(Sha256::digest(script));
    assert!(html.contains(&format!("script-src 'sha256-{hash}'")));
    assert!(!html.contains("http://") || html.matches("http://").count() == 1, "SVG's namespace");
    assert!(!html.contains("https://"));
}

#[test]
fn pictures_are_thinned_evenly_to_what_fits() {
    assert_eq!(spread(&[], 10), [0; 0]);
    assert_eq!(spread(&[5, 5, 5], 15), [0, 1, 2]);
    assert_eq!(spread(&[5; 9], 25), [0, 2, 4, 6, 8]);
    assert_eq!(spread(&[5; 9], 14), [0, 8]);
    assert_eq!(spread(&[5; 9], 9), [8]);
    assert_eq!(spread(&[50], 9), [0]);
    assert_eq!(spread(&[1, 1, u64::MAX, u64::MAX, 1], 3), [0, 4]);
}

#[test]
fn each_chart_says_what_its_points_are() {
    let long = "{\"kimg\":1,\"loss_d\":1}\n";
    let line = |step: usize| format!("{{\"kimg\":{step},\"loss_d\":1,\"m\":1}}\n");
    let text: String = (2..1300).map(line).collect();
    let few = "{\"kimg\":1300,\"images_per_second\":300000}\n";
    let history = History::read(&format!("{long}{text}{few}"));
    let html = Page { history, ..Page::default() }.html().unwrap();
    let said = |title: &str| {
        let (_, chart) = html.split_once(&format!("<figcaption>{title}")).unwrap();
        chart.split_once("<svg").unwrap().0.to_owned()
    };
    assert!(said("Losses").contains("Each point is the mean of 3 lines"), "{}", said("Losses"));
    assert!(!said("Images a second").contains("mean of"));
    assert!(said("Images a second").contains("×10³") && !said("Losses").contains("×10"));
}

#[test]
fn curves_of_a_chart_have_their_own_colours_and_pictures_their_kind() {
    let line = "{\"kimg\":1,\"m\":{\"x\":{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6}}}";
    let pictures = vec![Picture { image: vec![0xff, 0xd8, 0xff, 0xe0], ..picture("a", None) }];
    let html = Page { history: History::read(line), pictures, ..Page::default() }.html().unwrap();
    for curve in 0..6 {
        assert_eq!(html.matches(&format!("<polyline class=\"curve-{curve}\"")).count(), 1);
        assert_eq!(html.matches(&format!("--curve-{curve}: #")).count(), 2, "light and dark");
    }
    assert!(html.contains("data:image/jpeg;base64,/9j/"));
}
