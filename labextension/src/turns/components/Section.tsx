import { refreshIcon } from '@jupyterlab/ui-components';
import React, { useId } from 'react';
import { IconButton } from '../../ui/IconButton';
import { useTurns } from '../context';
import type { IPiece } from '../inspection';

/** A part of the page, with its heading. */
export function Section(props: {
  name: string;
  title: string;
  /** Stands beside the heading. */
  aside?: React.ReactNode;
  children: React.ReactNode;
}): JSX.Element {
  const id = useId();
  return (
    <section
      className="jp-agent-Section"
      data-section={props.name}
      aria-labelledby={id}
    >
      <div className="jp-agent-Section-head">
        <h3 id={id} tabIndex={-1}>
          {props.title}
        </h3>
        {props.aside}
      </div>
      {props.children}
    </section>
  );
}

/** A piece that is read from the server: it is there, comes, or cannot be read. */
export function Piece<T>(props: {
  piece: IPiece<T>;
  /** Reads it again; null where that cannot be done. */
  again: (() => void) | null;
  children: (value: T) => React.ReactNode;
}): JSX.Element {
  const { trans } = useTurns();
  const { piece, again } = props;
  return (
    <>
      {piece.problem !== null && (
        <div className="jp-agent-Inspector-problem" role="alert">
          <span>{piece.problem}</span>
          {again && (
            <IconButton
              icon={refreshIcon}
              label={trans.__('Try again')}
              onClick={again}
            />
          )}
        </div>
      )}
      {piece.value !== null ? (
        props.children(piece.value)
      ) : piece.problem === null ? (
        <p className="jp-agent-Inspector-note" role="status">
          {trans.__('Loading…')}
        </p>
      ) : null}
    </>
  );
}

/** Says that there is nothing, and why. */
export function Nothing(props: { children: string }): JSX.Element {
  return <p className="jp-agent-Inspector-note">{props.children}</p>;
}
