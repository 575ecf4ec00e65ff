//! Each provider's keys in the places they stand in, and what only looks like them. Must not know how matching is done.

use keylint::{
    matcher::Matcher,
    model::Confidence,
    rule::{Catalog, Rule, expand},
};

fn builtin() -> (Catalog, Matcher) {
    let catalog = Catalog::builtin();
    let matcher = Matcher::new(&catalog).expect("the built-in rules can be matched");
    (catalog, matcher)
}

/// A secret of `rule`: what its example with this index marks as one.
fn secret(rule: &Rule, example: usize, seed: u64) -> String {
    let example = expand(rule.examples[example].get_ref(), seed).expect("an example");
    example.text[example.secret.range()].to_owned()
}

/// The rules of the providers beside OpenAI, Azure and Anthropic.
fn of_others(rule: &Rule) -> bool {
    !["openai", "azure-openai", "anthropic"].contains(&rule.provider.as_str())
}

/// Whether a key is known by itself, whatever stands around it.
fn is_strong(rule: &Rule) -> bool {
    rule.confidence == Confidence::High && rule.near.is_empty() && rule.file.is_none()
}

/// Asserts that in `text` one secret is found, by `rule` and as it is.
fn assert_claimed(catalog: &Catalog, matcher: &Matcher, rule: &Rule, secret: &str, text: &str) {
    let hits = matcher.hits(text.as_bytes());
    let told: Vec<_> = hits.iter().map(|hit| (catalog.secrets()[hit.rule].id(), &text[hit.span.range()])).collect();
    assert_eq!(told, [(rule.id(), secret)], "in {text:?}");
}

#[test]
fn under_the_name_of_its_variable_a_key_is_claimed_by_its_own_rule_alone() {
    let (catalog, matcher) = builtin();
    for rule in catalog.secrets().iter().filter(|rule| of_others(rule)) {
        let variable = rule.variable.clone().unwrap_or_else(|| rule.provider.to_uppercase() + "_API_KEY");
        let lower = variable.to_lowercase();
        for (example, seed) in (0..rule.examples.len()).flat_map(|example| (0..4).map(move |seed| (example, seed))) {
            let key = secret(rule, example, seed);
            for text in [
                format!("A=1\n{variable}={key}\nB=2\n"),
                format!("{{\n  \"{variable}\": \"{key}\",\n  \"port\": 8080\n}}\n"),
                format!("import os\n\nos.environ[\"{variable}\"] = \"{key}\"\n"),
                format!("{lower}: {key}\nport: 8080\n"),
                format!("env:\n  - name: {variable}\n    value: \"{key}\"\n"),
                format!("const key = process.env.{variable} || '{key}';\n"),
                format!("export {variable}='{key}' # for tests\r\n"),
                format!("\"source\": [\n  \"{variable} = \\\"{key}\\\"\\n\"\n]\n"),
            ] {
                assert_claimed(&catalog, &matcher, rule, &key, &text);
            }
        }
    }
}

#[test]
fn a_key_with_a_form_of_its_own_is_known_without_a_name_and_under_another_s() {
    let (catalog, matcher) = builtin();
    let strong: Vec<&Rule> = catalog.secrets().iter().filter(|rule| of_others(rule) && is_strong(rule)).collect();
    assert!(strong.len() >= 20, "{} rules", strong.len());
    for rule in strong {
        for seed in 0..8 {
            let key = secret(rule, 0, seed);
            for text in [
                format!("2026-01-01T00:00:00Z INFO calling with {key} now\n"),
                format!("2026-01-01 key={key}, retrying"),
                format!("GET /v1/models?key={key}&alt=json HTTP/1.1"),
                format!("<td>{key}</td>"),
                format!("Authorization: Bearer {key}"),
                format!("OPENAI_API_KEY={key}\n"),
                format!("client = OpenAI(api_key=\"{key}\")\n"),
                format!("OPENAI_API_KEY=\nDEEPSEEK_API_KEY=\nANTHROPIC_API_KEY={key}\n"),
            ] {
                assert_claimed(&catalog, &matcher, rule, &key, &text);
            }
        }
    }
}

#[test]
fn two_providers_keys_side_by_side_are_each_their_own() {
    let (catalog, matcher) = builtin();
    let named = |id: &str| catalog.secrets().iter().find(|rule| rule.id() == id).expect("a rule");
    for seed in 0..8 {
        for [one, other] in [
            ["deepseek-api-key", "dashscope-api-key"],
            ["moonshot-api-key", "stability-api-key"],
            ["moonshot-api-key", "braintrust-api-key"],
            ["deepseek-api-key", "litellm-key"],
            ["mistral-api-key", "cohere-api-key"],
        ] {
            let pairs = [(named(one), named(other)), (named(other), named(one))];
            for (first, second) in pairs {
                let name = |rule: &Rule| rule.variable.clone().expect("a variable");
                let (a, b) = (secret(first, 0, seed), secret(second, 0, seed + 100));
                let text = format!("{}={a}\n{}={b}\n", name(first), name(second));
                let hits = matcher.hits(text.as_bytes());
                let told: Vec<_> = hits.iter().map(|hit| catalog.secrets()[hit.rule].id()).collect();
                assert_eq!(told, [first.id(), second.id()], "{seed}");
            }
        }
        // An old key of OpenAI's beside the name of an issuer whose keys have the same form.
        let key = expand("sk-{alnum:48}", seed).expect("a key").text;
        for text in [
            format!("MOONSHOT_API_KEY=\nOPENAI_API_KEY={key}\nSTABILITY_KEY=\n"),
            format!("{{\"moonshot\": null, \"openai_key\": \"{key}\", \"stability_key\": null}}"),
        ] {
            assert_claimed(&catalog, &matcher, named("openai-unmarked-user-key"), &key, &text);
        }
        let key = expand("sk-{alnum:20}T3BlbkFJ{alnum:20}", seed).expect("a key").text;
        for name in ["OPENAI", "MOONSHOT", "STABILITY", "BRAINTRUST", "LITELLM", "KIMI"] {
            let text = format!("{name}_API_KEY={key}\n");
            assert_claimed(&catalog, &matcher, named("openai-user-key"), &key, &text);
        }
    }
}

/// What begins as keys do and is none.
const LOOKALIKES: &[&str] = &[
    // Identifiers.
    "gsk_settings_schema_source_{lower:40}",
    "org.gnome.gsk_{lower:52}",
    "gsk_renderNodeSerializeAndDeserializeWithAllTheProps12",
    "hf_model_name_or_path_of_the_pretrained_{lower:8}",
    "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",
    "hf_{lower:34}",
    "shelf_{[ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz]:34}",
    "api_org_memberships_for_the_user_and_team",
    "r8_unorm_r8_snorm_r8_uint_r8_sint_rg8_unorm_rg8",
    "mov r8_{hex:16}, {hex:16}",
    "var8_{alnum:37}",
    "fw_update_status_register_of_the_board",
    "fireworks = fw_{lower:24}",
    "fireworks: fw_update_{lower:14}",
    "firmware = 'fw_{alnum:24}'",
    "csk-{hex:48}",
    "task-csk-{lower:12}",
    "class=\"desk-{[abcdefghijklmnopqrstuvwxyz0123456789]:48}\"",
    "pa-{b64u:43}",
    "spa-{b64u:43}",
    "xai-{lower:20}-{lower:20}",
    "maxai-{alnum:80}",
    "sk_{hex:40}",
    "task_{hex:48}",
    "sk_live_{alnum:24}",
    "sk_test_{alnum:99}",
    "sk-{hex:32}",
    "sk-{alnum:48}",
    "risk-{hex:32} in deepseek",
    "sk-SK, sk-CZ",
    "sk-estimator-doc-link sk-toggleable__content sk-container-id-{digit:2}",
    "dapi{alnum:32}",
    "adapi{hex:32}",
    "jina_embeddings_v3_text_matching_and_retrieval_passage_and_query_and_more",
    "llx-{lower:12}-{lower:40}",
    "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",
    "pplx-70b-online-{lower:4}",
    "vck_{lower:56}",
    "rpa_{lower:46}",
    "e2b_{hex:64}",
    "tvly-{hex:8}",
    // What people write instead of a key.
    "GROQ_API_KEY=gsk_{[x]:52}",
    "HF_TOKEN=hf_{[x]:34}",
    "HF_TOKEN=hf_{[a]:1}bcdefghijklmnopqrstuvwxyzABCDEFGH",
    "GEMINI_API_KEY=AIzaSy{[X]:33}",
    "GEMINI_API_KEY=AIza{[S]:1}yA1B2C3D4E5F6G7H8I9J0K1L2M3N4O5P6Q",
    "DEEPSEEK_API_KEY=sk-{[1]:1}234567890abcdef1234567890abcdef",
    "MISTRAL_API_KEY=your_mistral_api_key_goes_here_12",
    "MISTRAL_API_KEY={hex:32}",
    "COHERE_API_KEY={hex:40}",
    "OPENROUTER_API_KEY=sk-or-v1-{[0]:1}123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "XAI_API_KEY=xai-your-key-goes-here-{[x]:60}",
    "LANGFUSE_SECRET_KEY=sk-lf-{[1]:1}2345678-1234-1234-1234-123456789012",
    "WANDB_API_KEY={[0]:1}123456789abcdef0123456789abcdef01234567",
    "REPLICATE_API_TOKEN=r8_****************************ab12",
    // Hashes, identifiers, blobs.
    "commit {hex:40}",
    "sha256:{hex:64}",
    "wandb @ git+https://github.com/wandb/wandb@{hex:40}",
    "{hex:8}-{hex:4}-4{hex:3}-a{hex:3}-{hex:12}",
    "{hex:32}.{alnum:16}",
    "zhipu {hex:32}.json",
    "\"integrity\": \"sha512-{b64:86}==\"",
    "gemini: data:image/png;base64,{b64:60}AIza{b64:200}",
    "gemini = \"{b64u:60}AIza{b64u:200}\"",
    "data:font/woff2;base64,{b64:300}hf/{b64:300}",
    "{b64u:60}-xai-{b64u:200}",
    "https://example.com/{alnum:32}/{alnum:40}?v={hex:48}",
    "mistral {alnum:32} cohere {alnum:40}",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{b64:43} user@host",
];

#[test]
fn what_only_looks_like_a_key_is_none() {
    let (catalog, matcher) = builtin();
    for lookalike in LOOKALIKES {
        for seed in 0..64 {
            let text = expand(lookalike, seed).expect("a text").text;
            for text in [text.clone(), format!("x = \"{text}\"\n"), format!("- {text}\n- {text}\n")] {
                let told: Vec<_> =
                    matcher.hits(text.as_bytes()).iter().map(|hit| catalog.secrets()[hit.rule].id()).collect();
                assert!(told.is_empty(), "{told:?} for seed {seed} of {lookalike}");
            }
        }
    }
}

#[test]
fn every_rule_says_what_it_would_mistake_and_where_to_go() {
    let (catalog, _) = builtin();
    for rule in catalog.secrets().iter().filter(|rule| of_others(rule)) {
        assert!(rule.rotate.iter().any(|step| step.url.is_some()), "{} names no page", rule.id());
        assert!(!rule.counterexamples.is_empty(), "{} has no counterexample", rule.id());
        assert!(rule.variable.is_some() || rule.id() == "openrouter-management-key", "{}", rule.id());
    }
}
