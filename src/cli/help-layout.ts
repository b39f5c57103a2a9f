/** How help is laid out, where not as commander does it: what must be given says so, and long lists of verbs are wrapped. */
import { type Command, Help, type HelpConfiguration, type Option } from "commander";

const plain = new Help();

/** For the whole program: its nouns and verbs inherit it. */
export const HELP_LAYOUT = {
  /** Narrower than commander's, so that a verb with two arguments does not leave its whole list unwrapped. */
  minWidthToWrap: 30,
  /** Every verb has options, so a list of verbs need not say it of each. */
  subcommandTerm: (command: Command) => plain.subcommandTerm(command).replace(" [options]", ""),
  optionDescription: (option: Option) => {
    const said = plain.optionDescription(option);
    return option.mandatory && option.defaultValue === undefined ? `${said} (required)` : said;
  },
} satisfies HelpConfiguration;
