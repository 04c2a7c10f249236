import type { HeldAs, HeldByOthers } from "../accounts/held-by-others.ts";
import type { OpenGuarantee } from "../accounts/open-guarantee.ts";
import { counted } from "./counted.ts";
import type { MovedFormat } from "./moved-sentence.ts";
import { listed } from "./moved-sentence.ts";

type Times = Pick<MovedFormat, "time">;

/** With whom the guarantee is out, and how much of that may be had back, or why not. */
export function guaranteeSentence(open: OpenGuarantee, times: Times): string {
  const { account, heldGpuCount, guaranteedGpuCount, borrower, others } = open;
  const borrowed =
    borrower === undefined
      ? ""
      : `, and ${borrower.account} has borrowed ${counted(borrower.gpuCount, "GPU", "GPUs")}`;
  const back =
    others === undefined
      ? "; this asks for more than is left of that, so nobody is stopped for it"
      : heldText(others, times);
  return `account ${account} holds ${heldGpuCount} of the ${guaranteedGpuCount} GPUs that it is guaranteed${borrowed}${back}`;
}

const words: Readonly<Record<HeldAs, string>> = {
  stoppable: "may be had back by stopping jobs",
  young: "may be had back once their jobs have worked long enough",
  reclaimed: "are being had back already",
  stopping: "are of jobs that stop anyway",
  protected: "are of protected jobs",
  "higher-class": "are of jobs of a higher class",
  "own-guarantee": "are within guarantees of their own",
  "same-class": "are of jobs of the same class, from which its account is guaranteed nothing",
  "too-often": "are of jobs that were stopped too often already",
};

/** Of what others hold, as the rules ask for it: what it may have first. */
function heldText({ gpuCounts, youngUntilMs }: HeldByOthers, { time }: Times): string {
  const kinds: readonly HeldAs[] = [
    "stoppable",
    "young",
    "reclaimed",
    "stopping",
    "own-guarantee",
    "protected",
    "higher-class",
    "same-class",
    "too-often",
  ];
  const parts = kinds.flatMap((kind) => {
    const count = gpuCounts.get(kind) ?? 0;
    const from =
      kind === "young" && youngUntilMs !== undefined ? `, from ${time(youngUntilMs)} on` : "";
    return count === 0 ? [] : [`${count} ${words[kind]}${from}`];
  });
  const total = [...gpuCounts.values()].reduce((sum, count) => sum + count, 0);
  return total === 0
    ? "; others hold no GPU where it could run"
    : `; of the ${counted(total, "GPU", "GPUs")} that others hold where it could run ${listed(parts)}`;
}
