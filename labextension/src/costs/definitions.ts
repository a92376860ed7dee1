/** What is meant by the columns, and by the state of a provider. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IProviderCapacity } from '../api/types';

/** What the table of efficiency shows. */
export function definitions(trans: TranslationBundle) {
  return {
    turns: {
      label: trans.__('Turns'),
      text: trans.__('Answers that the model worked on.')
    },
    perTurn: {
      label: trans.__('Cost a turn'),
      text: trans.__(
        'All that the model cost over its turns. The small number is the second half of the time against the first.'
      )
    },
    density: {
      label: trans.__('Output for input'),
      text: trans.__(
        'Tokens that it wrote over tokens that it was sent. Low where much context is sent for short answers.'
      )
    },
    context: {
      label: trans.__('Context used'),
      text: trans.__(
        'Tokens that were sent over the tokens that there was room for, on average.'
      )
    },
    cache: {
      label: trans.__('Cache hits'),
      text: trans.__(
        'Requests of which the provider read some from its cache, over all requests.'
      )
    },
    time: {
      label: trans.__('Time'),
      text: trans.__('How long a request took, on average.')
    },
    errors: {
      label: trans.__('Failed'),
      text: trans.__('Requests that failed, over all requests.')
    },
    grade: {
      label: trans.__('Grade'),
      text: trans.__(
        'What you gave its answers, 1 to 5, on average; those without a grade do not count.'
      )
    }
  };
}

/** How a provider is doing, in words. */
export function stateWords(
  capacity: IProviderCapacity,
  trans: TranslationBundle
): { level: 'ok' | 'soft' | 'hard'; text: string } {
  switch (capacity.state) {
    case 'open':
      return {
        level: 'hard',
        text: trans.__('Not asked for now: it failed too often')
      };
    case 'half_open':
      return {
        level: 'soft',
        text: trans.__('Tried again after it failed')
      };
    default:
      return capacity.sustained_hot
        ? {
            level: 'soft',
            text: trans.__('Near its limit for three minutes')
          }
        : capacity.near_capacity
          ? { level: 'soft', text: trans.__('Near its limit') }
          : { level: 'ok', text: trans.__('Works') };
  }
}
