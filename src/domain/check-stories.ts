/** What can be wrong between the rules of a protocol: stages that do not belong together, messages said by one that cannot say them. */
import type { Fault } from "./fault.ts";
import type { Rule } from "./protocol.ts";

/** Faults of groups and of `saidBy`, with paths into the protocol. */
export function checkStories(rules: readonly Rule[]): Fault[] {
  return rules.flatMap((rule, index) => [...checkGroup(rule, { rules, index }), ...checkSpeaker(rule, { rules, index })]);
}

type Among = { readonly rules: readonly Rule[]; readonly index: number };

/** The first stage sets the anchor; the others are at fault. */
function checkGroup({ group, anchor, recipient }: Rule, { rules, index }: Among): Fault[] {
  const first = group ? rules.find((other) => other.group === group) : undefined;
  if (!first) return [];
  if (first.anchor !== anchor)
    return [{ path: `rules[${index}].anchor`, value: anchor, expected: `${first.anchor}, like the other stages of the group ${group}` }];
  if (first.recipient !== recipient)
    return [
      { path: `rules[${index}].recipient`, value: recipient, expected: `${first.recipient}, like the other stages of the group ${group}` },
    ];
  return [];
}

function checkSpeaker({ id, saidBy, anchor, recipient, channels }: Rule, { rules, index }: Among): Fault[] {
  if (!saidBy) return [];
  const speaker = rules.find((other) => other.id === saidBy);
  const fault = (expected: string): Fault[] => [{ path: `rules[${index}].saidBy`, value: saidBy, expected }];
  if (saidBy === id) return fault("another rule than itself");
  if (!speaker) return [];
  if (speaker.saidBy || speaker.together) return fault("a rule that speaks for itself, and is merged into no other");
  if (speaker.recipient !== recipient) return fault(`a rule for the same recipient, ${recipient}`);
  if (speaker.anchor !== anchor) return fault(`a rule with the same anchor, ${anchor}`);
  return channels.some((channel) => speaker.channels.includes(channel)) ? [] : fault("a rule that shares a channel with this one");
}
