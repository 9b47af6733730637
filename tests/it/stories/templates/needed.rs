//! Mails that bring something: without it they are not kept, and not sent where they were kept before.

use regserver::error::Code;

use super::{last, linked, set as written};
use crate::world::set;

#[test]
fn a_mail_without_what_it_is_for_is_not_kept() {
    let world = linked();
    let portal = world.service("portal");
    let without = |part: &str, names: &str| {
        format!("Invalid Request: {part}: without {names} the mail would be of no use")
    };
    let (link, code) = ("[[ACTIVATIONCODE]] or [[ACTIVATIONLINK]]", "[[TMPPASSWORD]]");
    let join = "[[ACTIVATIONCODE]] or [[JOINLINK]]";
    for (fields, why) in [
        ("template=web-activationlink subject=S text='Welcome, [[USERNAME]]'", without("text", link)),
        ("template=web-activationlink subject=[[ACTIVATIONCODE]] text=Hello", without("text", link)),
        (
            "template=web-activationlink subject=S text=[[ACTIVATIONLINK]] html=<p>Hello</p>",
            without("html", link),
        ),
        (
            "template=web-activationlink subject=S text='[[IF:SUPPORTEMAIL]][[ACTIVATIONCODE]][[ENDIF:SUPPORTEMAIL]]'",
            without("text", link),
        ),
        ("template=reg-tmppassword subject=S text=Hello", without("text", code)),
        ("template=web-group-invitation subject=S text=[[REJECTLINK]]", without("text", join)),
    ] {
        written(&portal, fields).refused(Code::InvalidRequest).says(&why);
    }
    for fields in [
        "template=web-activationlink subject=S text=[[ACTIVATIONLINK]] html=<p>[[ACTIVATIONCODE]]</p>",
        "template=web-activationlink subject=S \
         text='[[IF:ACTIVATIONLINK]][[ACTIVATIONLINK]][[ELSE:ACTIVATIONLINK]][[ACTIVATIONCODE]][[ENDIF:ACTIVATIONLINK]]'",
        "template=web-group-invitation subject=S text='[[JOINLINK]] [[REJECTLINK]]'",
        "template=web-passwd-changed subject=S text=Hello",
    ] {
        written(&portal, fields).done();
    }
}

#[test]
fn what_was_kept_before_a_rule_that_it_breaks_is_used_no_more() {
    let mut world = linked();
    world.call("sendpassword username=alice").done();
    let subject = last(&world).0;
    let good = "template=web-tmppassword subject=Own text=[[TMPPASSWORD]] html=<p>[[TMPPASSWORD]]</p>";
    written(&world.service("portal"), good).done();
    world.call("sendpassword username=alice").done();
    assert_eq!(last(&world).0, "Own");
    for html in ["<img src=\"https://elsewhere.example/[[TMPPASSWORD]]\">", "<p>Hello</p>", "[[NOTHING]]"] {
        set(&mut world, &format!("UPDATE templates SET html = '{html}'"));
        world.call("sendpassword username=alice").done();
        let (built_in, _, body) = last(&world);
        assert_eq!(built_in, subject, "{html}");
        assert!(!body.contains("elsewhere"), "{body}");
    }
}
