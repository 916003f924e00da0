//! Types and constants as a policy writes them.

use palisade_lang::program::{BaseType, Const, Type};

/// `[string]`, `quantity?`, `"A" | "B"`.
pub(super) fn type_text(ty: &Type) -> String {
    let base = base_text(&ty.base);
    if !ty.optional {
        return base;
    }
    let is_union = base.contains(" | ");
    if is_union {
        format!("({base})?")
    } else {
        format!("{base}?")
    }
}

fn base_text(base: &BaseType) -> String {
    match base {
        BaseType::Bool => "bool".into(),
        BaseType::Int => "int".into(),
        BaseType::Float => "float".into(),
        BaseType::String => "string".into(),
        BaseType::Quantity => "quantity".into(),
        BaseType::IntOrString => "int | string".into(),
        BaseType::Version => "version".into(),
        BaseType::Image => "image".into(),
        BaseType::Cidr => "cidr".into(),
        BaseType::Ip => "ip".into(),
        BaseType::Versions => "versions".into(),
        BaseType::Range => "range".into(),
        BaseType::Glob => "glob".into(),
        BaseType::Regex => "regex".into(),
        BaseType::Timestamp => "timestamp".into(),
        BaseType::Duration => "duration".into(),
        BaseType::Enum(members) => {
            let members: Vec<String> = members.iter().map(|member| quote(member)).collect();
            members.join(" | ")
        }
        BaseType::Record(records) => {
            let names = records.iter().map(|record| match record.name.as_str() {
                "" => "record",
                name => name,
            });
            names.collect::<Vec<_>>().join(" | ")
        }
        BaseType::List(element) => format!("[{}]", base_text(element)),
        BaseType::Map(value) => format!("{{string: {}}}", base_text(value)),
        BaseType::Any | BaseType::Error => "any".into(),
    }
}

/// `4Gi`, `["a", "b"]`.
pub(super) fn const_text(value: &Const) -> String {
    match value {
        Const::Absent => "none".to_owned(),
        Const::Bool(value) => value.to_string(),
        Const::Int(value) => value.to_string(),
        Const::Float(text) | Const::Quantity(text) => text.clone(),
        Const::String(text) | Const::Glob(text) | Const::Regex(text) => quote(text),
        Const::List(items) => {
            let items: Vec<String> = items.iter().map(const_text).collect();
            format!("[{}]", items.join(", "))
        }
        Const::Map(members) => {
            let members: Vec<String> = (members.iter())
                .map(|(name, value)| format!("{}: {}", quote(name), const_text(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
    }
}

fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_constants_read_as_they_are_written() {
        let text = |base| type_text(&Type::plain(base));
        assert_eq!(text(BaseType::List(Box::new(BaseType::Glob))), "[glob]");
        let members = BaseType::Enum(vec!["A".into(), "B".into()]);
        assert_eq!(text(members.clone()), "\"A\" | \"B\"");
        assert_eq!(type_text(&Type::optional(members)), "(\"A\" | \"B\")?");
        let list = Const::List(vec![
            Const::String("a\"".into()),
            Const::Quantity("4Gi".into()),
        ]);
        assert_eq!(const_text(&list), "[\"a\\\"\", 4Gi]");
    }
}
