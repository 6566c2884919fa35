import type { Command } from '../command.ts';
import { painterFor } from '../render/painter.ts';
import { renderReceipt } from '../render/render-receipt.ts';
import { snakeKeys } from '../render/snake-keys.ts';

export const forgetCommand: Command = {
  usage: 'forget <object> <value>',
  summary: 'Erase a person from the state, and never write them again; ends with a receipt',
  positionals: {
    object: { describe: "HubSpot's object, such as contacts" },
    value: { describe: 'What the person is found by: an e-mail address, a domain, a record id' },
  },
  examples: [
    ['forget contacts ann@one.example', 'erase one person; delete the contact in HubSpot yourself'],
    ['forget contacts ann@one.example --output json > receipt.json', 'keep the receipt: it does not say the address'],
  ],
  async run(args, session) {
    const { forgetPerson } = await import('../../operations/forget-person.ts');
    const workspace = await session.workspace();
    const receipt = await forgetPerson(workspace, args.object as string, String(args.value));
    const { io } = session;
    return {
      text: renderReceipt(receipt, workspace.target.schema, painterFor(io.stdout, io.env)),
      json: { receipt: snakeKeys(receipt) },
    };
  },
};
