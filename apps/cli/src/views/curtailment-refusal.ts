import type { CurtailmentRefusal } from "@ertis/api";
import { showCount, showWatts, showWattsUp } from "../output/format.ts";
import { renderTable } from "../output/table.ts";
import { paint } from "../terminal/style.ts";
import { toPrintable, wrap } from "../terminal/text.ts";
import { renderFields } from "./fields.ts";
import { type PreviewView, showReserved } from "./preview-view.ts";

/** Checkpoints and idle nodes take their time: what floors leave room for may hold only when a short one is over. */
const whenNote = "these figures are accepted; how soon each is reached, its own preview says";

/** Part of the smallest that no floors of others free. */
function showProtected({ protectedJobCount, protectedWatts }: CurtailmentRefusal): string {
  const jobs = protectedJobCount === 1 ? "1 job" : `${showCount(protectedJobCount)} jobs`;
  return protectedJobCount === 0
    ? ""
    : `${showWatts(protectedWatts)}: GPUs of ${jobs} of tier 0, neither capped nor paused`;
}

/** Why it cannot be kept, the smallest that could, and what each tier's floors would give. */
export function renderRefusal(refusal: CurtailmentRefusal, view: PreviewView): readonly string[] {
  const { style } = view;
  const { rejection, smallestTargetWatts, gains } = refusal;
  const mark = style.isUnicode ? "✗ " : "";
  const reason = rejection?.reason ?? "";
  const sentence = wrap(toPrintable(rejection?.message ?? ""), style.width ?? 100);
  const table = renderTable(
    gains,
    [
      { title: "TIER", align: "right", cell: (gain) => `${gain.flexibilityTierPercent} %` },
      { title: "JOBS", align: "right", cell: (gain) => showCount(gain.jobCount) },
      {
        title: "GIVING UP ITS FLOORS FREES",
        align: "right",
        cell: (gain) => showWatts(gain.freedWatts),
      },
      {
        title: "THEN POSSIBLE",
        align: "right",
        cell: ({ possibleWatts }) => (possibleWatts === 0 ? "-" : showWattsUp(possibleWatts)),
      },
    ],
    style,
    { hasHeaders: view.hasHeaders, isWide: false },
  );
  return [
    paint(style, "bad", `${mark}cannot be kept (${toPrintable(reason)})`),
    ...sentence,
    ...renderFields(
      [
        {
          name: "smallest",
          text:
            smallestTargetWatts === 0
              ? ""
              : `${showWattsUp(smallestTargetWatts)} keeps every floor it has to${refusal.isRough ? "; less may, too: not every target is looked at" : ""}`,
        },
        { name: "binding", text: refusal.domainId },
        {
          name: "possible",
          text:
            refusal.enoughTierPercents.length === 0
              ? ""
              : `with --give-up ${refusal.enoughTierPercents.join(",")}`,
        },
        { name: "protected", text: showProtected(refusal) },
        {
          name: "not shed",
          text:
            refusal.unsheddableWatts === 0
              ? ""
              : `${showWatts(refusal.unsheddableWatts)}: fixed loads, idle nodes that have to stay on and what running nodes draw beside their GPUs`,
        },
        {
          name: "kept free",
          text:
            refusal.keptFreeWatts === 0
              ? ""
              : `${showWatts(refusal.keptFreeWatts)}: what jobs there may draw more, as nobody could give it`,
        },
        { name: "kept on", text: refusal.reserved.map(showReserved).join("; ") },
      ],
      style,
    ),
    ...(gains.length === 0 ? [] : ["", ...table]),
    ...(gains.some(({ possibleWatts }) => possibleWatts > 0) || smallestTargetWatts > 0
      ? wrap(whenNote, style.width ?? 100).map((line) => paint(style, "dim", line))
      : []),
  ];
}
