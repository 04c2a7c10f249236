import { posix } from "node:path";

/**
 * Functions, constants and classes that a file exports and no other file imports, as `path: name`. Types are left alone: they
 * name what stands in signatures. A door (`index.ts` of a package) wants what it lists of its own files, and what it lists
 * must be wanted by somebody itself.
 *
 * @param sources texts by their path from the root
 * @param doors the file of a package's door by the name that others import it by
 */
export function findUnusedExports(
  sources: ReadonlyMap<string, string>,
  doors: ReadonlyMap<string, string>,
): readonly string[] {
  const wanted = new Map<string, Set<string>>();
  for (const [from, text] of sources) {
    for (const { path, names } of importsOf(text)) {
      const file = path.startsWith(".") ? posix.join(posix.dirname(from), path) : doors.get(path);
      const all = wanted.get(file ?? "") ?? new Set<string>();
      names.forEach((name) => all.add(name));
      wanted.set(file ?? "", all);
    }
  }
  return [...sources].flatMap(([file, text]) => {
    const by = wanted.get(file) ?? new Set<string>();
    const unused = by.has(everything) ? [] : exportedNames(text).filter((name) => !by.has(name));
    return unused.map((name) => `${file}: ${name}`);
  });
}

/** What `import * as` and `import()` want. */
const everything = "*";

interface Import {
  readonly path: string;
  readonly names: readonly string[];
}

function importsOf(text: string): readonly Import[] {
  const listed = [...text.matchAll(/^(?:import|export)\b([^;"]*?) from "([^"]+)"/gm)];
  const dynamic = [...text.matchAll(/\bimport\("([^"]+)"\)/g)];
  return [
    ...listed.map(([, list = "", path = ""]) => ({
      path,
      names: list.includes("*") ? [everything] : namesIn(list).map(({ name }) => name),
    })),
    ...dynamic.map(([, path = ""]) => ({ path, names: [everything] })),
  ];
}

/** What is exported at the top of a file, by the name that others use; no types. */
function exportedNames(text: string): readonly string[] {
  const declared =
    /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|enum) (\w+)/gm;
  const listed = [...text.matchAll(/^export (\{[^}]*\})/gm)].flatMap(([, list = ""]) =>
    namesIn(list).filter(({ isType }) => !isType),
  );
  return [
    ...[...text.matchAll(declared)].map(([, name = ""]) => name),
    ...listed.map(({ alias }) => alias),
  ];
}

interface Listed {
  readonly name: string;
  /** By which it is known from there on. */
  readonly alias: string;
  readonly isType: boolean;
}

/** Of a list in braces. */
function namesIn(list: string): readonly Listed[] {
  const [, inner = ""] = /\{([^}]*)\}/.exec(list) ?? [];
  const words = inner.split(",").map((one) => one.trim());
  return words
    .filter((one) => one !== "")
    .map((one) => {
      const [name = "", alias = name] = one.replace(/^type /, "").split(" as ");
      return { name, alias, isType: one.startsWith("type ") };
    });
}
