import type { Decay } from '../project/rule-types.ts';
import type { CardDecay } from './card.ts';
import { numberKinds, type SettingReader, type YamlPath } from './setting-reader.ts';

/** @returns undefined where something was reported */
export function readDecay(decay: Decay, path: YamlPath, reader: SettingReader): CardDecay | undefined {
  switch (decay.kind) {
    case 'half_life': {
      const span = reader.span([...path, 'half_life'], decay.halfLife);
      return span === undefined ? undefined : { kind: 'half_life', span };
    }
    case 'linear': {
      const span = reader.span([...path, 'linear'], decay.to);
      return span === undefined ? undefined : { kind: 'linear', span };
    }
    case 'step': {
      const span = reader.span([...path, 'every'], decay.every);
      const share = reader.number([...path, 'by'], decay.by, numberKinds.share);
      return span === undefined || share === undefined ? undefined : { kind: 'step', span, share };
    }
    default:
      return decay satisfies never;
  }
}
