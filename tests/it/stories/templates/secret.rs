//! What is secret stays out of tags, from where a mail reader would send it to others.

use regserver::error::Code;

use crate::world::World;

fn html(world: &World, template: &str, html: &str) -> crate::world::Reply {
    let text = if template.ends_with("tmppassword") { "[[TMPPASSWORD]]" } else { "[[ACTIVATIONCODE]]" };
    world.call(&format!("settemplate template={template} subject=S text={text} html='{html}'"))
}

#[test]
fn what_is_secret_does_not_stand_inside_a_tag() {
    let world = World::new();
    let before = world.dump();
    for (line, text) in [
        (1, "<img src=\"https://elsewhere/?[[TMPPASSWORD]]\">"),
        (2, "<p>\n<a href=\"[[TMPPASSWORD]]\">x</a>"),
        (1, "<img src=https://elsewhere/?[[TMPPASSWORD]]>"),
        (1, "<b [[TMPPASSWORD]]>x</b>"),
        (3, "<img\nsrc=\"https://elsewhere/?\n[[TMPPASSWORD]]"),
        (1, "<img src=\"https://elsewhere/?[[IF:BRAND]]\">[[ENDIF:BRAND]][[TMPPASSWORD]]\">"),
        (1, "<img src=[[BRAND]]\"https://elsewhere/?> [[TMPPASSWORD]]\">"),
        (1, "<style>p { background: url(https://elsewhere/?[[TMPPASSWORD]]) }</style>"),
        (1, "<style>p { content: \"</style><img src=\"https://elsewhere/?}</style>[[TMPPASSWORD]]\">"),
        (1, "<!--><img src=\"https://elsewhere/?-->[[TMPPASSWORD]]\">"),
        (1, "<script>x</script>[[TMPPASSWORD]]"),
        (1, "<[[BRAND]] src=\"x\">[[TMPPASSWORD]]"),
    ] {
        let message = html(&world, "web-tmppassword", text).refused(Code::InvalidRequest).text("message");
        let begins = format!("Invalid Request: html, line {line}: TMPPASSWORD is secret");
        assert!(message.starts_with(&begins), "{text}: {message}");
    }
    for (text, fault) in [
        ("<img src=\"[[ACTIVATIONLINK]]\">", "ACTIVATIONLINK leads to something secret"),
        ("<a href=[[ACTIVATIONLINK]]>x</a>", "ACTIVATIONLINK leads to something secret"),
        (
            "<a href=\"https://elsewhere/?[[ACTIVATIONLINK]]\">x</a>",
            "ACTIVATIONLINK leads to something secret",
        ),
        ("<a href=\"[[ACTIVATIONLINK]]?x\">x</a>", "nothing may stand beside a link"),
        ("<a href=\"[[ACTIVATIONLINK]][[BRAND]]\">x</a>", "nothing may stand beside a link"),
        ("<a href=\"[[ACTIVATIONCODE]]\">x</a>", "ACTIVATIONCODE is secret"),
    ] {
        let message = html(&world, "reg-activationlink", text).refused(Code::InvalidRequest).text("message");
        assert!(message.starts_with(&format!("Invalid Request: html, line 1: {fault}")), "{text}: {message}");
    }
    assert_eq!(world.dump(), before);
}

#[test]
fn what_is_secret_stands_between_tags_and_a_link_is_a_href() {
    let world = World::new();
    for text in [
        "<!doctype html><title>[[BRAND]]</title><style>p > b { color: red }</style><!-- > --><p class=\"x\">\
         [[TMPPASSWORD]] & 1 < 2</p>",
        "<p title=\"[[BRAND]]\">[[IF:BRAND]]<b>[[TMPPASSWORD]]</b>[[ELSE:BRAND]][[TMPPASSWORD]][[ENDIF:BRAND]]</p>",
    ] {
        html(&world, "web-tmppassword", text).done();
    }
    html(
        &world,
        "reg-activationlink",
        "<!-- [[BRAND]] -->[[IF:ACTIVATIONLINK]]<a class=\"x\" HREF = \"[[ACTIVATIONLINK]]\">[[ACTIVATIONLINK]]</a>\
         [[ELSE:ACTIVATIONLINK]][[ACTIVATIONCODE]][[ENDIF:ACTIVATIONLINK]]",
    )
    .done();
}
