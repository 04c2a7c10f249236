import { ClockMode, type GetServerInfoResponse, Role, type SiteInfo } from "@ertis/api";
import { toNumber } from "@ertis/quantities";
import { measuredClasses, type SiteState } from "@ertis/scheduler-engine";
import type { Person, Role as PersonRole } from "../auth/people.ts";
import { arrayTaskCountMax, submitItemCountMax } from "../limits/limits.ts";
import type { ServiceContext } from "./context.ts";

const roles: Readonly<Record<PersonRole, Role>> = {
  researcher: Role.RESEARCHER,
  operator: Role.OPERATOR,
  viewer: Role.VIEWER,
};

function siteToApi(state: SiteState): SiteInfo {
  const { site, pools, nodeGpuCount, awaySinceMs, measuredAtMs } = state;
  return {
    id: site.id,
    title: site.title,
    revision: site.revision,
    nodeCount: site.nodes.length,
    gpuCount: nodeGpuCount.reduce((sum, count) => sum + count, 0),
    usableWatts: site.domains[0] === undefined ? 0 : toNumber(site.domains[0].usableWatts),
    gpuModels: pools.map(({ gpuModel }) => gpuModel).toSorted(),
    phases: [...site.phases],
    awaySinceTimeMs: awaySinceMs ?? 0,
    measuredTimeMs: measuredAtMs.get(0) ?? 0,
    measuredClasses: measuredClasses(state).map(({ gpuModel, workloadClasses }) => ({
      gpuModel,
      workloadClasses: [...workloadClasses],
    })),
  };
}

export async function getServerInfo(
  context: ServiceContext,
  person: Person,
): Promise<GetServerInfoResponse> {
  const { scheduler, limits, engineLimits, clock } = context;
  const found = await scheduler.read(({ state }, sequence) => ({
    sequence,
    sites: [...state.sites.values()].map(siteToApi),
  }));
  return {
    version: context.version,
    sites: found.sites.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    sequence: found.sequence,
    clockMode: context.isClockStepped ? ClockMode.STEPPED : ClockMode.REAL,
    nowTimeMs: toNumber(clock.now()),
    caller: {
      name: person.name,
      roles: person.roles.map((role) => roles[role]),
      projects: [...person.projects].filter((project) => project !== "*"),
    },
    limits: {
      maxMessageBytes: limits.submitBytesMax,
      maxSubmitItemCount: submitItemCountMax,
      maxWalltimeMs: limits.walltimeMsMax,
      maxArrayTaskCount: arrayTaskCountMax,
      requestIdRetentionMs: toNumber(engineLimits.requestIdAgeMax),
      finishedJobRetentionMs: toNumber(engineLimits.jobsFinishedAgeMax),
    },
  };
}
