//! What becomes of users in a file.

use regserver::error::Code;

use super::{imported, outcomes};
use crate::world::{World, set};

const TWO: &str = "csv='Email;USERNAME;password;department\ncarol@example.com;carol;sekret-1234;Sales\n\
                   daisy@example.com;daisy;;'";

#[test]
fn new_users_are_registered_as_by_the_command() {
    let world = World::new();
    let hashes = world.hash_runs();
    let job = imported(&world, TWO);
    assert_eq!(world.hash_runs(), hashes + 1, "a password is hashed once");
    assert_eq!(outcomes(&job), ["created", "created"]);
    assert_eq!((job.text("state"), job.number("done"), job.number("created")), ("done".into(), 2, 2));
    assert_eq!(
        (job.texts("line"), job.texts("userid")),
        (vec!["2".into(), "3".into()], vec!["5".into(), "6".into()])
    );
    world.call("loginuser username=carol password=sekret-1234").done();
    let daisy = world.call("getuserdata username=daisy").done();
    assert_eq!((daisy.text("status"), daisy.text("language")), ("activated".into(), "en".into()));
    world.call("getlicensedata username=daisy").done().text("licensekey");
    assert_eq!(world.call("searchuser username=*arol*").done().text("username"), "carol");
    assert!(world.mails().is_empty(), "who needs no activation gets no mail");
    let rows = world.dump();
    assert!(!rows.iter().any(|row| row.contains("sekret-1234")), "the password stands nowhere");
    assert!(rows.iter().filter(|row| row.starts_with("job_rows: ")).all(|row| !row.contains("Sales")));
    let audit = rows.iter().filter(|row| row.starts_with("audit: ") && row.contains("| importusers |"));
    assert_eq!(audit.count(), 3, "one for the call and one for each user");
}

#[test]
fn who_is_there_is_refused_or_brought_to_what_is_given_and_different() {
    let world = World::new();
    imported(&world, TWO);
    let again = imported(&world, TWO);
    assert_eq!(outcomes(&again), ["refused -30103", "refused -30103"]);
    assert_eq!((again.number("refused"), again.texts("text")[0].as_str()), (2, "Username already exists"));
    let before = world.call("getuserdata username=carol").done();
    let same = imported(&world, &format!("{TWO} update=true"));
    assert_eq!(outcomes(&same), ["unchanged", "unchanged"]);
    assert_eq!(world.call("getuserdata username=carol").done().body(), before.body());
    let changes = "csv='username,email,password,language,department,reference,authid,licensekey\n\
        CAROL,caroline@example.com,sekret-5678,de,Research,C-1,auth-c,KEY\ndaisy,,,,,,,' update=true";
    let key = world
        .call("createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5")
        .done()
        .text("licensekey");
    let changed = imported(&world, &changes.replace("KEY", &key));
    assert_eq!(outcomes(&changed), ["updated", "unchanged"]);
    let carol = world.call("getuserdata username=carol").done();
    for (field, value) in [
        ("username", "carol"),
        ("email", "caroline@example.com"),
        ("language", "de"),
        ("department", "Research"),
        ("reference", "C-1"),
        ("authid", "auth-c"),
    ] {
        assert_eq!(carol.text(field), value);
    }
    world.call("loginuser username=carol password=sekret-5678").done();
    assert_eq!(world.call("getdefaultlicense username=carol").done().text("licensekey"), key);
    assert!(world.mails().is_empty(), "an update mails nothing unless it is asked to");
    assert_eq!(outcomes(&imported(&world, &changes.replace("KEY", &key))), ["unchanged", "unchanged"]);
}

#[test]
fn each_row_has_its_own_refusal_and_the_others_go_on() {
    let world = World::new();
    let rows = "csv='username,email,language,licensekey,groupreference\n\
        alice,a@x.example,,,\nannabel,alice@example.com,,,\nberta,nonsense,,,\nclara,c@x.example,fr,,\n\
        dorothea,d@x.example,,DEMO-0000-0000-0000,\nemilia,e@x.example,,,team\nfrieda,,,,\n\
        gerda,g@x.example,de,,\nGERDA,h@x.example,,,\nlotte,l@x.example,,,,extra\n,magic@x.example,,,'";
    let job = imported(&world, rows);
    let expected = [
        "refused -30103",
        "refused -30104",
        "refused -30110",
        "refused -30117",
        "refused -30203",
        "refused -30123",
        "refused -30002",
        "created",
        "refused -30002",
        "refused -30002",
        "created",
    ];
    assert_eq!(outcomes(&job), expected);
    let texts = job.texts("text");
    assert_eq!(texts[6], "Invalid Request: email is missing");
    assert_eq!(texts[8], "Invalid Request: the same username stands in line 9 already");
    assert_eq!(texts[9], "Invalid Request: the row has 6 cells, and the header names 5 columns");
    assert_eq!((job.number("created"), job.number("refused")), (2, 9));
    // What was begun for dorothea is undone.
    world.call("getuserdata username=dorothea").plainly(Code::UserUnknown);
    assert_eq!(world.call("searchuser email=*@x.example*").done().texts("username"), ["gerda", "$DEMO-1001"]);
    let refused = world.call("getjob job=1 onlyrefused=true startrow=8").done();
    assert_eq!(refused.texts("line"), ["10", "11"]);
}

#[test]
fn a_license_in_the_file_takes_the_place_of_the_default_one() {
    let world = World::new();
    let key = world
        .call("createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5")
        .done()
        .text("licensekey");
    let job = imported(&world, &format!("csv='username,email,licensekey\ncarol,c@example.com,{key}'"));
    assert_eq!(outcomes(&job), ["created"]);
    let licenses = world.call("getlicensedata username=carol").done().texts("licensekey");
    assert_eq!(licenses, [key]);
}

#[test]
fn a_dry_run_says_the_same_and_changes_nothing() {
    let world = World::new();
    imported(&world, TWO);
    let rows = "csv='username,email,password,department\ncarol,carol@example.com,sekret-1234,Sales\n\
        daisy,daisy@example.com,,Attic\nelena,elena@example.com,sekret-9999,\nfanny,elena@example.com,,\n\
        ,magic@example.com,,' update=true";
    let before = world.dump();
    let dry = imported(&world, &format!("{rows} dryrun=true"));
    let own = ["jobs: ", "job_rows: ", "audit: ", "sqlite_sequence: jobs"];
    let jobs = |row: &String| !own.iter().any(|table| row.starts_with(table));
    let users = |rows: Vec<String>| rows.into_iter().filter(jobs).collect::<Vec<_>>();
    assert_eq!(users(world.dump()), users(before));
    let expected = ["unchanged", "updated", "created", "refused -30104", "created"];
    assert_eq!((outcomes(&dry), dry.text("dryrun")), (expected.map(str::to_owned).to_vec(), "true".into()));
    assert_eq!(dry.texts("userid")[2..], ["", "", ""], "who was made for nothing has no number");
    let mails = world.mails().len();
    assert_eq!(outcomes(&imported(&world, rows)), expected);
    assert_eq!(world.mails().len(), mails);
}

#[test]
fn by_another_column() {
    let mut world = World::with(|config| {
        config.provider("DEMO", "CSVIMPORT/CSV_IDENTITY_COLUMN", "email");
    });
    let rename = "csv='email,username\nALICE@example.com,alicia\nnew@example.com,' update=true";
    assert_eq!(outcomes(&imported(&world, rename)), ["updated", "created"]);
    assert_eq!(world.call("getuserdata username=alicia").done().text("email"), "alice@example.com");
    world.call("importusers csv='username\ncarol'").refused(Code::InvalidRequest).says(
        "Invalid Request: the header lacks the column email, by which CSVIMPORT/CSV_IDENTITY_COLUMN says that users are known",
    );
    world.reconfigure(|config| {
        config.provider("DEMO", "CSVIMPORT/CSV_IDENTITY_COLUMN", "reference");
    });
    let by_reference = "importusers csv='reference,email\nR-1,r@example.com' update=true";
    let reply = world.call(by_reference).refused(Code::InvalidRequest);
    assert!(reply.text("message").contains("EXT_USER_REFERENCE_UNIQUE"));
    world.reconfigure(|config| {
        config.provider("DEMO", "CSVIMPORT/CSV_IDENTITY_COLUMN", "authid");
    });
    let by_id = "csv='authid,email,department\nauth-n,n@example.com,Attic' update=true";
    assert_eq!(outcomes(&imported(&world, by_id)), ["created"]);
    assert_eq!(outcomes(&imported(&world, &by_id.replace("Attic", "Cellar"))), ["updated"]);
    set(&mut world, "UPDATE users SET department = ''");
    assert_eq!(outcomes(&imported(&world, by_id)), ["updated"]);
}

#[test]
fn a_file_in_pieces_is_one_job_and_keeps_its_lines() {
    let world = World::new();
    let job = world.call("importusers csv='username;email\ncarol;c@x.example\ndaisy;d@x.example'").done();
    assert_eq!((job.number("job"), job.text("complete")), (1, "false".to_owned()));
    world.work();
    let open = world.call("getjob job=1").done();
    assert_eq!(
        (open.text("complete"), open.number("done")),
        ("false".into(), 0),
        "it waits for the last piece"
    );
    world.call("importusers job=1 csv='email\nx@x.example'").refused(Code::InvalidRequest).says(
        "Invalid Request: the header lacks the column username, by which CSVIMPORT/CSV_IDENTITY_COLUMN says that users are known",
    );
    world
        .call("importusers job=1 csv='email;username\nx@x.example;xenia'")
        .refused(Code::InvalidRequest)
        .says("Invalid Request: the header is another one than that of the first piece");
    world.service("shop").ask("importusers", "job=1 last=true").plainly(Code::JobUnknown);
    world.call("importusers job=1 csv='username;email\n\nelena;e@x.example\ncarol;z@x.example'").done();
    assert_eq!(world.call("importusers job=1 last=true").done().text("complete"), "true");
    let text = "Invalid Request: the job has its last piece already";
    world.call("importusers job=1 last=true").refused(Code::InvalidRequest).says(text);
    world.work();
    let done = world.call("getjob job=1").done();
    assert_eq!(outcomes(&done), ["created", "created", "created", "refused -30002"]);
    assert_eq!(done.texts("line"), ["2", "3", "5", "6"]);
    assert!(done.texts("text")[3].ends_with("the same username stands in line 2 already"));
}

#[test]
fn who_is_invited_gets_a_code_by_mail() {
    let world = World::new();
    assert_eq!(outcomes(&imported(&world, &format!("{TWO} activate=false"))), ["created", "created"]);
    let mails = world.mails();
    assert_eq!(mails.len(), 2);
    world.call("getuserdata username=carol").done();
    world.call("activateuser activationcode={code} password=sekret-4321").done();
    assert_eq!(world.call("getuserdata username=daisy").done().text("status"), "activated");
}

#[test]
fn a_trial_notices_what_is_doubled_far_apart() {
    let world = World::new();
    let row = |n: usize| match n {
        598 => "\ntardy,MANY0@example.com,a-598".to_owned(),
        599 => "\nlater,later@example.com,a-1".to_owned(),
        _ => format!("\nmany{n},many{n}@example.com,a-{n}"),
    };
    let rows: String = (0..600).map(row).collect();
    let file = format!("csv='username,email,authid{rows}'");
    let refused = |fields: &str| {
        let job = world.call(&format!("importusers last=true {file} {fields}")).done().text("job");
        world.work();
        let done = world.call(&format!("getjob job={job} onlyrefused=true")).done();
        (done.number("created"), done.texts("line"), outcomes(&done))
    };
    let expected = (598, vec!["600".to_owned(), "601".to_owned()], vec!["refused -30104", "refused -30118"]);
    let expected = (expected.0, expected.1, expected.2.into_iter().map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(refused("dryrun=true"), expected);
    assert_eq!(refused("dryrun=true"), expected, "one trial says nothing about another");
    assert_eq!(refused(""), expected);
}
