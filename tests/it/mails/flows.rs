//! What people live through, from a call to the mail, from the mail to the page, and back.

use super::house::{House, says};
use super::sink::{Sink, header};
use super::world_to;
use crate::world::World;

/// A house with somebody whose account is active.
fn house(name: &str) -> House {
    let house = House::new("");
    house.done(
        "registeruser",
        &format!("username={name} useremail={name}@example.com password=sekret-1234 activate=1"),
    );
    house
}

#[test]
fn somebody_registers_reads_the_mail_and_logs_in() {
    let house = House::new("");
    let fields = "username=carol useremail=carol@example.com password=sekret-1234 language=de sendmail=1";
    house.done("registeruser", fields);
    assert!(house.call("loginuser", "username=carol password=sekret-1234").contains("-30102"));
    let mail = house.mail("carol@example.com", 1);
    assert!(mail.subject().starts_with("Bitte aktivieren Sie"), "{}", mail.subject());
    let link = mail.link("/activate/");
    says(&house.open(&link), 200, "Konto aktivieren");
    assert!(house.call("loginuser", "username=carol password=sekret-1234").contains("-30102"));
    says(&house.press(&link, ""), 200, "Ihr Konto ist aktiv");
    house.done("loginuser", "username=carol password=sekret-1234");
}

#[test]
fn a_second_mail_brings_another_link_and_the_first_stays_good() {
    let house = House::new("");
    house.done("registeruser", "username=carol useremail=carol@example.com password=sekret-1234 sendmail=1");
    house.done("resendactivation", "username=carol");
    let first = house.mail("carol@example.com", 1).link("/activate/");
    let second = house.mail("carol@example.com", 2).link("/activate/");
    assert_ne!(first, second);
    says(&house.press(&first, ""), 200, "Your account is active");
    says(&house.press(&second, ""), 200, "Your account is active already");
}

#[test]
fn a_lost_password_is_replaced_and_the_change_is_told() {
    let house = house("daisy");
    house.done("sendpassword", "username=daisy");
    let mail = house.mail("daisy@example.com", 1);
    let digits = |line: &&str| line.len() == 10 && line.bytes().all(|byte| byte.is_ascii_digit());
    let temporary = mail.text().lines().find(digits).unwrap().to_owned();
    let wrong = house.call("loginuser", "username=daisy password=sekret-5678 tmppassword=0000000000");
    assert!(wrong.contains("-30105"), "{wrong}");
    house.done("loginuser", "username=daisy password=sekret-1234");
    house.done(
        "loginuser",
        &format!("username=daisy password=sekret-5678 tmppassword={temporary} sendmail=1"),
    );
    house.done("loginuser", "username=daisy password=sekret-5678");
    assert!(house.call("loginuser", "username=daisy password=sekret-1234").contains("-30101"));
    let notice = house.mail("daisy@example.com", 2);
    assert!(notice.subject().contains("password") && !notice.text().contains("sekret"), "{}", notice.text());
    let again =
        house.call("loginuser", &format!("username=daisy password=sekret-9999 tmppassword={temporary}"));
    assert!(again.contains("<exception>"), "{again}");
}

#[test]
fn an_address_changes_when_the_new_one_says_so_and_the_old_one_knows() {
    let house = house("daisy");
    house.done("setemail", "username=daisy newemail=marguerite@example.com");
    let told = house.mail("daisy@example.com", 1);
    assert!(
        told.text().contains("marguerite@example.com") && !told.text().contains("/email/"),
        "{}",
        told.text()
    );
    let link = house.mail("marguerite@example.com", 1).link("/email/");
    let address = || {
        let data = house.done("getuserdata", "username=daisy");
        data.split("<email>").nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    let page = house.open(&link);
    assert!(page.contains("marguerite@example.com is to be the address"), "{page}");
    assert_eq!(address(), "daisy@example.com");
    let page = house.press(&link, "");
    assert!(page.contains("From now on marguerite@example.com is the address"), "{page}");
    assert_eq!(address(), "marguerite@example.com");
    house.done("sendpassword", "username=daisy");
    house.mail("marguerite@example.com", 2);
}

#[test]
fn an_account_is_deleted_when_its_owner_says_so_twice() {
    let house = house("daisy");
    house.done("requestuserdeletion", "username=daisy");
    assert!(house.call("loginuser", "username=daisy password=sekret-1234").contains("-30120"));
    let first = house.mail("daisy@example.com", 1).link("/delete/");
    // Taken back, the link is good for nothing; asked for again, the newest one counts.
    house.done("enableuser", "username=daisy");
    house.done("loginuser", "username=daisy password=sekret-1234");
    says(&house.press(&first, ""), 404, "This link is not known");
    house.done("requestuserdeletion", "username=daisy");
    let second = house.mail("daisy@example.com", 2).link("/delete/");
    says(&house.press(&first, ""), 404, "This link is not known");
    says(&house.press(&second, ""), 200, "Your account is deleted");
    assert!(house.call("loginuser", "username=daisy password=sekret-1234").contains("-30100"));
    house.done("registeruser", "username=daisy useremail=daisy@example.com");
}

#[test]
fn an_invitation_is_taken_by_its_link_and_after_three_refusals_there_is_none() {
    let house = house("daisy");
    house.done("registeruser", "username=erika useremail=erika@example.com activate=1");
    house.done("creategroup", "username=daisy groupname='Sales North' groupreference=north");
    for round in 1..=3 {
        house.done("inviteusertogroup", "groupreference=north username=erika text='Come & join us'");
        let mail = house.mail("erika@example.com", round);
        assert!(
            mail.text().contains("daisy invites you") && mail.text().contains("Come & join us"),
            "{}",
            mail.text()
        );
        let (yes, no) = (mail.link("/group/join/"), mail.link("/group/reject/"));
        says(&house.press(&no, ""), 200, "You have declined");
        says(&house.press(&yes, ""), 404, "This link is not known");
    }
    assert!(house.call("inviteusertogroup", "groupreference=north username=erika").contains("-30125"));
    house.done("registeruser", "username=frank useremail=frank@example.com activate=1");
    house.done("inviteusertogroup", "groupreference=north email=frank@example.com");
    let mail = house.mail("frank@example.com", 1);
    let page = house.open(&mail.link("/group/join/"));
    assert!(page.contains("you are invited to the group Sales North"), "{page}");
    says(&house.press(&mail.link("/group/join/"), ""), 200, "You have joined the group");
    let members = house.done("getgroupdata", "groupreference=north");
    assert!(members.contains("<username>frank</username>") && !members.contains("erika"), "{members}");
}

/// Hours pass; what is due is done, and its mails leave.
fn hours(world: &World, hours: i64) {
    world.pass(hours * 3_600);
    world.api().do_tasks().unwrap();
    world.work();
    world.api().send_off().unwrap();
}

#[test]
fn the_end_of_a_licence_is_told_twice_before_and_then_another_one_holds() {
    let sink = Sink::plain();
    let world = world_to(&sink, |_| {});
    let fields = "productname=client type=yearly featurevalue=professional validuntil=01/20/2026";
    world.call("registeruser username=daisy useremail=daisy@example.com activate=1").done();
    let key = world.call(&format!("createlicense username=daisy {fields}")).done().text("licensekey");
    world.call(&format!("setdefaultlicense username=daisy licensekey={key}")).done();
    let told = |number: usize| {
        let mails: Vec<_> =
            sink.wait(number).into_iter().filter(|mail| mail["to"][0] == "daisy@example.com").collect();
        assert_eq!(mails.len(), number);
        let text = mails[number - 1]["parts"][0][1].as_str().unwrap().to_owned();
        assert!(text.contains(&key) && text.contains("01/20/2026"), "{text}");
        header(&mails[number - 1], "Subject")
    };
    hours(&world, 24 * 9);
    assert_eq!(sink.mails().len(), 0);
    hours(&world, 48);
    let soon = told(1);
    hours(&world, 24 * 7);
    assert_eq!(told(2), soon);
    let of = || world.call("getdefaultlicense username=daisy").done().text("licensekey");
    assert_eq!(of(), key);
    hours(&world, 24 * 4);
    assert_ne!(told(3), soon);
    hours(&world, 1);
    assert_ne!(of(), key);
    assert_eq!(sink.mails().len(), 3);
}
