import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";

const root = resolve(import.meta.dirname, "../..");

/** Every folder with its own compiler settings: packages, apps and the tests of all of them. */
function findProjects(): readonly string[] {
  const inFolder = (folder: string): string[] =>
    readdirSync(join(root, folder)).map((name) => join(root, folder, name, "tsconfig.json"));
  return [
    ...inFolder("packages"),
    ...inFolder("apps"),
    ...inFolder("infra"),
    join(root, "infra/toolchain/kubernetes-stand-in/tsconfig.json"),
    join(root, "tests/tsconfig.json"),
  ].filter((path) => existsSync(path));
}

const formatHost: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => root,
  getNewLine: () => "\n",
};

/**
 * A compiler host that parses each file once for all projects. Most of the time of a small project
 * goes into the declarations of the language, of Node and of the dependencies.
 */
function createSharedHost(): ts.CompilerHost {
  const host = ts.createCompilerHost({ target: ts.ScriptTarget.ES2024 });
  const parsed = new Map<string, ts.SourceFile | undefined>();
  const parse = host.getSourceFile.bind(host);
  host.getSourceFile = (name, options, onError, force): ts.SourceFile | undefined => {
    const format = typeof options === "object" ? (options.impliedNodeFormat ?? 0) : 0;
    const key = `${name}|${format}`;
    if (!parsed.has(key)) {
      parsed.set(key, parse(name, options, onError, force));
    }
    return parsed.get(key);
  };
  return host;
}

/**
 * Errors of one project, in its own files only: what it imports from other packages is checked there,
 * under the settings that hold there.
 */
function checkProject(configPath: string, host: ts.CompilerHost): readonly ts.Diagnostic[] {
  const read = ts.readConfigFile(configPath, (path) => ts.sys.readFile(path));
  if (read.error !== undefined) {
    return [read.error];
  }
  const config = ts.parseJsonConfigFileContent(read.config, ts.sys, dirname(configPath));
  // A package whose code is not written yet has no files, which is no error here.
  if (config.fileNames.length === 0) {
    return [];
  }
  const program = ts.createProgram({ rootNames: config.fileNames, options: config.options, host });
  const own = new Set(config.fileNames.map((name) => resolve(name)));
  const files = program.getSourceFiles().filter((file) => own.has(resolve(file.fileName)));
  return [
    ...config.errors,
    ...program.getConfigFileParsingDiagnostics(),
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...files.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
      ...program.getDeclarationDiagnostics(file),
    ]),
  ];
}

const host = createSharedHost();
const requested = process.argv.slice(2).map((path) => resolve(path));
const projects = requested.length > 0 ? requested : findProjects();
let errorCount = 0;
for (const project of projects) {
  const diagnostics = ts.sortAndDeduplicateDiagnostics(checkProject(project, host));
  errorCount += diagnostics.length;
  if (diagnostics.length > 0) {
    console.log(ts.formatDiagnosticsWithColorAndContext(diagnostics, formatHost));
  }
  if (process.env["ERTIS_TYPES_TIMES"] === "1") {
    console.log(relative(root, project), Math.round(process.uptime() * 1000), "ms");
  }
}
console.log(`${errorCount} type errors in ${projects.length} projects`);
process.exitCode = errorCount > 0 ? 1 : 0;
