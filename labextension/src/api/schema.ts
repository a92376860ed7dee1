// Generated from docs/openapi.json by `npm run generate`. Do not edit.
export interface paths {
    "/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The caller's sessions
         * @description The caller's sessions.
         *
         *     `status`: active, idle, archived, terminated; several repeated or with commas between. Without it archived and
         *     terminated sessions are left out. `q` looks through titles and content. With `latest` each conversation is there
         *     once: of its versions that match, the one with the newest activity. `sort`: a field, with `-` before it for
         *     descending; unknown costs stand last.
         */
        get: operations["list_sessions"];
        put?: never;
        /**
         * A new session of the caller's
         * @description A new session of the caller's.
         */
        post: operations["create_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/titles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Titles by the model, for the sessions named or all that have none
         * @description Titles by the model, for the sessions named or all that have none.
         *
         *     A session that fails is listed with its reason and stops no other. A title that a person gave is never replaced.
         */
        post: operations["title_sessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A new session from a file that `GET /sessions/{session_id}/export` gave
         * @description A new session from a file that `GET /sessions/{session_id}/export` gave.
         *
         *     Ids in the file name things within the file only; owner, costs and shares are never taken over.
         */
        post: operations["import_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One session. Errors: 404, also for somebody else's
         * @description One session. Errors: 404, also for somebody else's.
         */
        get: operations["get_session"];
        put?: never;
        post?: never;
        /**
         * Terminates the session: it can still be read, nothing can be added. With `purge` it is forgotten
         * @description Terminates the session: it can still be read, nothing can be added. With `purge` it is forgotten.
         *
         *     With `versions` so it goes for all versions of the conversation. A running turn is interrupted first. What the
         *     session cost stays in the ledger. Errors: 409 for a session that is terminated already.
         */
        delete: operations["delete_session"];
        options?: never;
        head?: never;
        /**
         * Changes the fields that are sent: title, archived, project, notebook, provider, model, metadata
         * @description Changes the fields that are sent: title, archived, project, notebook, provider, model, metadata.
         *
         *     `title` and `archived` change for all versions of the conversation, the others for this session alone.
         *     Errors: 409 for a terminated session.
         */
        patch: operations["update_session"];
        trace?: never;
    };
    "/sessions/{session_id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The session's messages with the tokens each used, oldest first; `after_seq` gives those after that place
         * @description The session's messages with the tokens each used, oldest first; `after_seq` gives those after that place.
         */
        get: operations["list_messages"];
        put?: never;
        /**
         * Puts a message into the history without running the agent
         * @description Puts a message into the history without running the agent.
         *
         *     Pictures: 3 at the most, 10 MB each. Errors: 409 for a terminated session.
         */
        post: operations["append_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{session_id}/clear": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deletes the session's messages, attachments and what its turns' logs hold; the session and its costs stay
         * @description Deletes the session's messages, attachments and what its turns' logs hold; the session and its costs stay.
         *
         *     Other versions of the conversation keep theirs: what is emptied is the version that is named.
         *     Errors: 409 while a turn runs.
         */
        post: operations["clear_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{session_id}/summarize": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lets a summary by the model stand for the older messages in what the model reads; the history keeps them
         * @description Lets a summary by the model stand for the older messages in what the model reads; the history keeps them.
         *
         *     Errors: 409 while a turn runs, or where there is nothing to summarize.
         */
        post: operations["summarize_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{session_id}/branch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A new conversation that begins with copies of this one's messages, up to a turn or a message
         * @description A new conversation that begins with copies of this one's messages, up to a turn or a message.
         *
         *     The copies belong to no turn. Errors: 409 where the turn still runs.
         */
        post: operations["branch_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{session_id}/share": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lets everybody who is let into the server and knows the token read the session. Asked again, the same share
         * @description Lets everybody who is let into the server and knows the token read the session. Asked again, the same share.
         */
        post: operations["share_session"];
        /**
         * Takes the share back; its token opens nothing any more. Errors: 404 where nothing is shared
         * @description Takes the share back; its token opens nothing any more. Errors: 404 where nothing is shared.
         */
        delete: operations["unshare_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{session_id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The session as a file: `json` to import again, `md` to read, `ipynb` with its Python blocks as cells
         * @description The session as a file: `json` to import again, `md` to read, `ipynb` with its Python blocks as cells.
         */
        get: operations["export_session"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/shared/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A shared session, read-only, for whoever is let into the server; its messages oldest first
         * @description A shared session, read-only, for whoever is let into the server; its messages oldest first.
         */
        get: operations["get_shared_session"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/shared/{token}/blobs/{blob_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A picture of a shared session
         * @description A picture of a shared session.
         */
        get: operations["get_shared_blob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Full-text search over titles, messages and tool results of the caller's sessions, terminated ones left out
         * @description Full-text search over titles, messages and tool results of the caller's sessions, terminated ones left out.
         *
         *     All words must be there, the last one may be the beginning of a word, "words in quotes" must stand together; case
         *     and diacritics do not matter. Errors: 400 without `q`.
         */
        get: operations["search_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/blobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Keeps a picture before its message is written: the message's image part names it by `blob_id`
         * @description Keeps a picture before its message is written: the message's image part names it by `blob_id`.
         *
         *     10 MB at the most; the bytes must be what `media_type` says. One that no message takes within a day is removed.
         *     Errors: 413, 422.
         */
        post: operations["upload_blob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/blobs/{blob_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An attached picture or file. Pictures may be shown; everything else is a download
         * @description An attached picture or file. Pictures may be shown; everything else is a download.
         */
        get: operations["get_blob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{session_id}/turns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The turns of a session, oldest first
         * @description The turns of a session, oldest first.
         */
        get: operations["list_turns"];
        put?: never;
        /**
         * Starts a turn
         * @description Starts a turn.
         *
         *     Answers 202 with the turn at once; with `wait=true` 200 when it has ended; with `Accept: text/event-stream` its
         *     events as they come. The turn goes on whether or not anybody listens. An `Idempotency-Key` header makes a repeated
         *     request give the first one's turn. 409 while another turn runs in the session.
         */
        post: operations["start_turn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/active": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The caller's running turns
         * @description The caller's running turns.
         *
         *     With `Accept: text/event-stream` an endless stream: `snapshot` first, then `turn_started`, `turn_updated` and
         *     `turn_finished`.
         */
        get: operations["stream_active_turns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One turn: its state, why it ended, what it used, its answer
         * @description One turn: its state, why it ended, what it used, its answer.
         */
        get: operations["get_turn"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The events of a turn, from the first one or from behind an index; goes on live and ends with `turn_finished`
         * @description The events of a turn, from the first one or from behind an index; goes on live and ends with `turn_finished`.
         *
         *     `Last-Event-ID`, or `after`, is the index of the last event that was seen. docs/events.md tells the events.
         */
        get: operations["stream_turn_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/interrupt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stops a running turn; what it has said stays. 409 where it has ended
         * @description Stops a running turn; what it has said stays. 409 where it has ended.
         */
        post: operations["interrupt_turn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/guidance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Says something to a running turn: the model reads it before its next step. 409 where it has made its last
         * @description Says something to a running turn: the model reads it before its next step. 409 where it has made its last.
         */
        post: operations["guide_turn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The same input again, changed or not, in a new version of the conversation that ends before the turn
         * @description The same input again, changed or not, in a new version of the conversation that ends before the turn.
         *
         *     As `resend_message` does for the turn's message. Errors: 409 while the turn runs, or where its messages were
         *     cleared.
         */
        post: operations["retry_turn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{session_id}/messages/{message_id}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What the user said again, changed or not, in a new version of the conversation that ends before it
         * @description What the user said again, changed or not, in a new version of the conversation that ends before it.
         *
         *     The turn's `session_id` is the new version; the message's `versions` name all of them. Works for every message of
         *     the user's, also one that a branch copied. What the body leaves out stays as it was: text, pictures and context,
         *     provider and model, and how the first turn was started. Errors: 409 for a message that is not the user's, or while
         *     its turn runs.
         */
        post: operations["resend_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{session_id}/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The agent's to-do list in this session, and how far it is
         * @description The agent's to-do list in this session, and how far it is.
         */
        get: operations["get_tasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * One shot: a session (a new one, or one to resume), a turn, its answer when it has ended
         * @description One shot: a session (a new one, or one to resume), a turn, its answer when it has ended.
         *
         *     With `stream` the turn's events as they come.
         */
        post: operations["run_once"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The tools that turns are given: the server's, and with `session_id` also those that clients offer there
         * @description The tools that turns are given: the server's, and with `session_id` also those that clients offer there.
         */
        get: operations["list_tools"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tools/{name}/call": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Uses a tool without a model, under the same policy
         * @description Uses a tool without a model, under the same policy.
         *
         *     403 `denied` where the policy denies it; 409 `approval_required` where it asks and `approved` is not sent. What the
         *     tool itself could not do is a result with `is_error`. Nothing of it can be undone with a turn.
         */
        post: operations["call_tool"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The caller's approvals, oldest first; with `status=pending` what waits for an answer. The newest 500
         * @description The caller's approvals, oldest first; with `status=pending` what waits for an answer. The newest 500.
         */
        get: operations["list_approvals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approvals/{approval_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One approval
         * @description One approval.
         */
        get: operations["get_approval"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approvals/{approval_id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Says yes: the same turn goes on with the call, with other `arguments` where they are sent
         * @description Says yes: the same turn goes on with the call, with other `arguments` where they are sent.
         *
         *     `remember` makes a rule, so that the like is not asked again. 409 where it was answered already, or in vain; 422
         *     for arguments that do not fit or that the policy denies, and nothing is answered then.
         */
        post: operations["approve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approvals/{approval_id}/deny": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Says no: the model reads so, and the message; the turn goes on, or ends where `stop` is sent
         * @description Says no: the model reads so, and the message; the turn goes on, or ends where `stop` is sent.
         *
         *     409 where it was answered already.
         */
        post: operations["deny"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/approvals/answers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Answers several approvals: all of them or, where one cannot be answered, none
         * @description Answers several approvals: all of them or, where one cannot be answered, none.
         */
        post: operations["answer_approvals"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The caller's mode and rules, and the administrator's rules
         * @description The caller's mode and rules, and the administrator's rules.
         */
        get: operations["get_policy"];
        /**
         * Sets the caller's mode, or replaces the caller's rules. What is null stays
         * @description Sets the caller's mode, or replaces the caller's rules. What is null stays.
         */
        put: operations["put_policy"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/policy/evaluate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What would happen to a call, and which rule or mode says so. Nothing is done
         * @description What would happen to a call, and which rule or mode says so. Nothing is done.
         */
        post: operations["evaluate_policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/tools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The calls of a turn: arguments, result, duration, who approved
         * @description The calls of a turn: arguments, result, duration, who approved.
         */
        get: operations["get_turn_tools"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the policy said to each call of a turn, and which rule or mode said so
         * @description What the policy said to each call of a turn, and which rule or mode said so.
         */
        get: operations["get_turn_policy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/tool-results": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Answers of the client to calls of the tools that it offers; all of them are taken, or none
         * @description Answers of the client to calls of the tools that it offers; all of them are taken, or none.
         *
         *     409 for a call that does not wait for an answer (any more): it was answered, or its time is over.
         */
        post: operations["submit_tool_results"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tools/functions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The functions that the kernels of this server offer to chats about their notebooks
         * @description The functions that the kernels of this server offer to chats about their notebooks.
         */
        get: operations["list_functions"];
        put?: never;
        /**
         * The functions of a notebook that its kernel offers, in place of those it offered before
         * @description The functions of a notebook that its kernel offers, in place of those it offered before.
         *
         *     They are given to turns about that notebook and run in the kernel, when it is idle. They are gone when the kernel
         *     is restarted or shut down.
         */
        post: operations["register_functions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tools/functions/{kernel_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Takes all functions of a kernel back
         * @description Takes all functions of a kernel back.
         */
        delete: operations["drop_functions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{session_id}/checkpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the turns of a session changed in notebooks and files, newest first
         * @description What the turns of a session changed in notebooks and files, newest first.
         *
         *     They stay when the conversation is cleared, and go when the session is purged. Of a large text its beginning is
         *     shown; all of it is kept.
         */
        get: operations["list_checkpoints"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/checkpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What turns of any session changed in one notebook or file and nobody has accepted or undone yet, newest first
         * @description What turns of any session changed in one notebook or file and nobody has accepted or undone yet, newest first.
         *
         *     Of each turn only its edits there. This is what is marked where the document is open.
         */
        get: operations["list_undecided"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/checkpoint": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What one turn changed; no edits where that is nothing
         * @description What one turn changed; no edits where that is nothing.
         */
        get: operations["get_checkpoint"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Brings back exactly what was before the turn: cells with their place, outputs and metadata, files
         * @description Brings back exactly what was before the turn: cells with their place, outputs and metadata, files.
         *
         *     All of its edits, or those in `edit_ids`; also after they were accepted, after a restart, with the notebook open
         *     or closed. 409 where somebody changed the same cell or file since (`details.conflicts` names each; other cells of
         *     the notebook may have changed), while the turn runs, and where it is undone already: nothing is changed then.
         */
        post: operations["undo_turn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/redo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Does again what was undone, as exactly as `undo_turn` takes it back. 409 as there
         * @description Does again what was undone, as exactly as `undo_turn` takes it back. 409 as there.
         */
        post: operations["redo_turn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Marks changes as looked at and wanted: they are not marked in the notebook any more, and can be undone still
         * @description Marks changes as looked at and wanted: they are not marked in the notebook any more, and can be undone still.
         *
         *     409 for what is undone.
         */
        post: operations["accept_turn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/completions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What to insert at the cursor
         * @description What to insert at the cursor.
         *
         *     One model request, in no conversation. It is stopped when the caller goes away. Errors: 409 `not_configured` where
         *     no model is ready, where completions are off, and for the embedded model unless `completions.local_model` is set;
         *     503 `provider_error` where the model fails.
         */
        post: operations["complete_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/completions/edit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Code, changed as told; nothing is written
         * @description Code, changed as told; nothing is written.
         *
         *     One model request, in no conversation. It is stopped when the caller goes away. Errors: 409 `not_configured` where
         *     no model is ready; 503 `provider_error` where it fails, gives no code or is cut off.
         */
        post: operations["edit_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/context": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the model saw in each request of a turn: tokens by part, what was left out and why, what was retrieved
         * @description What the model saw in each request of a turn: tokens by part, what was left out and why, what was retrieved.
         *
         *     The contents are in `GET /turns/{id}/context/{request_id}`.
         */
        get: operations["turn_context"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/context/{request_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One model request with the exact messages that were sent, secrets masked
         * @description One model request with the exact messages that were sent, secrets masked.
         */
        get: operations["context_snapshot"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/model-selection": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Why a turn's model was asked, and not another: candidates with their scores, override, fallback
         * @description Why a turn's model was asked, and not another: candidates with their scores, override, fallback.
         */
        get: operations["turn_model_selection"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/model-selections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every choice of a model, newest first
         * @description Every choice of a model, newest first.
         */
        get: operations["list_model_selections"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/trace": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One timeline of a turn's model requests, tool calls, approvals and waits. Also while it runs
         * @description One timeline of a turn's model requests, tool calls, approvals and waits. Also while it runs.
         */
        get: operations["turn_trace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/traces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The traces of all turns, newest first
         * @description The traces of all turns, newest first.
         */
        get: operations["list_traces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/traces/exporter": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether traces are exported, where to, how many were; and where Jaeger is
         * @description Whether traces are exported, where to, how many were; and where Jaeger is.
         */
        get: operations["tracing_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/traces/{trace_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A trace by the id that it has in OpenTelemetry, too
         * @description A trace by the id that it has in OpenTelemetry, too.
         */
        get: operations["get_trace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/tips": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the rules say about a turn, from what was recorded of it. Costs nothing
         * @description What the rules say about a turn, from what was recorded of it. Costs nothing.
         */
        get: operations["turn_tips"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/analyze": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Asks a model what went well and what to do better. One model request; kept with the turn
         * @description Asks a model what went well and what to do better. One model request; kept with the turn.
         *
         *     409 `not_configured` without a model; 503 `provider_error` with what the provider said.
         */
        post: operations["analyze_turn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{session_id}/insights": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the rules say about a session as a whole. Costs nothing
         * @description What the rules say about a session as a whole. Costs nothing.
         */
        get: operations["session_insights"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{session_id}/analyze": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Asks a model about a session as a whole. One model request; kept with the session
         * @description Asks a model about a session as a whole. One model request; kept with the session.
         */
        post: operations["analyze_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/turns/{turn_id}/feedback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The grade that a turn was given. 404 where it has none
         * @description The grade that a turn was given. 404 where it has none.
         */
        get: operations["get_feedback"];
        /**
         * Grades a turn, 1 (useless) to 5 (just right); one grade a turn, the last one counts
         * @description Grades a turn, 1 (useless) to 5 (just right); one grade a turn, the last one counts.
         */
        put: operations["give_feedback"];
        post?: never;
        /**
         * Takes a grade back. 404 where there is none
         * @description Takes a grade back. 404 where there is none.
         */
        delete: operations["delete_feedback"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{session_id}/feedback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The grades of a session's turns, in the order of the turns
         * @description The grades of a session's turns, in the order of the turns.
         */
        get: operations["session_feedback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/recommendations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What would make the caller's work with agents better or cheaper, from what was recorded. Costs nothing
         * @description What would make the caller's work with agents better or cheaper, from what was recorded. Costs nothing.
         */
        get: operations["list_recommendations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/recommendations/generate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The recommendations, and a model's view of them as `analysis`. One model request; it reads numbers only
         * @description The recommendations, and a model's view of them as `analysis`. One model request; it reads numbers only.
         */
        post: operations["generate_recommendations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stats/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Today, this month, and what is left of the budgets
         * @description Today, this month, and what is left of the budgets.
         */
        get: operations["usage_summary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stats/costs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tokens and costs in a period, grouped
         * @description Tokens and costs in a period, grouped.
         *
         *     `by`: one or more of hour, day, week, month, provider, model, session, purpose, user, joined by commas; a model
         *     comes with its provider. `start` and `end` in place of `period` are taken to the quarter of an hour.
         */
        get: operations["usage_costs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stats/transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The ledger: every model request, and what it cost
         * @description The ledger: every model request, and what it cost.
         */
        get: operations["list_transactions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stats/consumption": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tokens and costs by provider and model, session, user and day
         * @description Tokens and costs by provider and model, session, user and day.
         */
        get: operations["usage_consumption"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stats/cache": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How much of what was sent the providers read from their caches, and what that saved
         * @description How much of what was sent the providers read from their caches, and what that saved.
         */
        get: operations["cache_statistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stats/efficiency": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What each model gave for what it took: density, use of the context, cache, cost by part, trends, grades
         * @description What each model gave for what it took: density, use of the context, cache, cost by part, trends, grades.
         */
        get: operations["model_efficiency"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stats/timeseries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Costs, tokens, requests, sessions, errors and latency of each hour
         * @description Costs, tokens, requests, sessions, errors and latency of each hour.
         */
        get: operations["usage_timeseries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stats/capacity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was used in the last minute against the providers' limits
         * @description What was used in the last minute against the providers' limits.
         */
        get: operations["provider_capacity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stats/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All rows as a file: CSV, Parquet, or a stream of Apache Arrow
         * @description All rows as a file: CSV, Parquet, or a stream of Apache Arrow.
         *
         *     Money is exact: decimal numbers in Parquet and Arrow. 409 `not_installed` for Parquet and Arrow without pyarrow.
         */
        get: operations["export_statistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/budgets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The caller's limits, the administrator's, and what is spent of each
         * @description The caller's limits, the administrator's, and what is spent of each.
         *
         *     With `session_id` also what that session and its running turn have spent; 404 where it is not the caller's.
         */
        get: operations["get_budgets"];
        /**
         * Sets the caller's own limits: all that are here, and no others. They hold from the next model request on
         * @description Sets the caller's own limits: all that are here, and no others. They hold from the next model request on.
         */
        put: operations["put_budgets"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All providers, with their state and what to do about one that is not ready
         * @description All providers, with their state and what to do about one that is not ready.
         *
         *     The built-in ones come first, then the users' in the order in which they were made. Keys and the values of headers
         *     are `"***"`.
         */
        get: operations["list_providers"];
        put?: never;
        /**
         * A new provider
         * @description A new provider.
         *
         *     The key goes to the operating system's keyring where there is one, else to a file that only its owner can read.
         *     Errors: 409 where the id is there already.
         */
        post: operations["create_provider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/providers/default": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The provider and model of whoever names none
         * @description The provider and model of whoever names none.
         *
         *     Where nobody chose: the first that is ready and has a key (Anthropic, OpenAI, Google, then the users' own), else the
         *     embedded model.
         */
        get: operations["get_default_model"];
        /**
         * Chooses the provider and model of whoever names none
         * @description Chooses the provider and model of whoever names none.
         *
         *     Errors: 422 where there is no such provider.
         */
        put: operations["set_default_model"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/providers/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which providers have a key, where it is from and where it is kept. Never the key itself
         * @description Which providers have a key, where it is from and where it is kept. Never the key itself.
         */
        get: operations["list_credentials"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/providers/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tries a provider before it is saved, with a real call. Nothing is stored
         * @description Tries a provider before it is saved, with a real call. Nothing is stored.
         *
         *     With `provider_id` and `"***"` the stored key is used, at the host that it was given for and no other. What goes
         *     wrong at the provider is in the result, not an error. Errors: 404 where `provider_id` names none.
         */
        post: operations["verify_unsaved_provider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/providers/breakers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which providers are asked, which are left alone after failures and until when, and the settings that count
         * @description Which providers are asked, which are left alone after failures and until when, and the settings that count.
         */
        get: operations["list_breakers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/providers/quota": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What each provider allows, as the headers of its answers said last or its options say, and what was used
         * @description What each provider allows, as the headers of its answers said last or its options say, and what was used.
         */
        get: operations["list_provider_quotas"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/providers/{provider_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One provider. Errors: 404
         * @description One provider. Errors: 404.
         */
        get: operations["get_provider"];
        /**
         * Replaces a provider's configuration
         * @description Replaces a provider's configuration.
         *
         *     `"***"` as key or as a header's value keeps what is stored, and so does null as key. With another host in `base_url`
         *     they must be given again. Errors: 404.
         */
        put: operations["update_provider"];
        post?: never;
        /**
         * Forgets a provider and its key. Errors: 404, 409 for a built-in one
         * @description Forgets a provider and its key. Errors: 404, 409 for a built-in one.
         */
        delete: operations["delete_provider"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/providers/{provider_id}/key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Stores a provider's key in place of the one there is. Errors: 404, 409 where none is needed
         * @description Stores a provider's key in place of the one there is. Errors: 404, 409 where none is needed.
         */
        put: operations["set_provider_key"];
        post?: never;
        /**
         * Forgets a provider's stored key
         * @description Forgets a provider's stored key.
         *
         *     Errors: 404 where there is none, 409 where the key is in an environment variable.
         */
        delete: operations["remove_provider_key"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/providers/{provider_id}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tries a provider with a real call, and with `multimodal` with a picture as well: the model has to say its colour
         * @description Tries a provider with a real call, and with `multimodal` with a picture as well: the model has to say its colour.
         *
         *     What goes wrong at the provider is in the result, not an error. Errors: 404.
         */
        post: operations["verify_provider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/providers/{provider_id}/quota": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a provider allows, and what was used of it. Errors: 404
         * @description What a provider allows, and what was used of it. Errors: 404.
         */
        get: operations["get_provider_quota"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/providers/{provider_id}/breaker/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Closes a provider's breaker, whatever opened it, in every server on the database. Errors: 404
         * @description Closes a provider's breaker, whatever opened it, in every server on the database. Errors: 404.
         */
        post: operations["reset_breaker"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/providers/{provider_id}/breaker/open": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Opens a provider's breaker: it is not asked until the breaker is reset, also after a restart. Errors: 404
         * @description Opens a provider's breaker: it is not asked until the breaker is reset, also after a restart. Errors: 404.
         */
        post: operations["open_breaker"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The models of all providers that are enabled, or of one
         * @description The models of all providers that are enabled, or of one.
         *
         *     `q`: text in the model's or the provider's name. A provider that cannot be asked leaves the models that the user
         *     named, and `error` says why. Errors: 404 where there is no such provider.
         */
        get: operations["list_models"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/providers/{provider_id}/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The models of one provider, from the cache where it is fresh; `refresh` asks anew. Errors: 404
         * @description The models of one provider, from the cache where it is fresh; `refresh` asks anew. Errors: 404.
         */
        get: operations["list_provider_models"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/providers/{provider_id}/models/cache": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Forgets the cached list of a provider's models. Errors: 404
         * @description Forgets the cached list of a provider's models. Errors: 404.
         */
        delete: operations["clear_provider_models"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the server works
         * @description Whether the server works.
         *
         *     For load balancers and probes; needs no authentication. `degraded` where the storage cannot be written.
         */
        get: operations["get_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How the server is, what runs, and the readiness list
         * @description How the server is, what runs, and the readiness list.
         *
         *     Sessions and turns are the caller's own. Nothing here goes over the network.
         */
        get: operations["get_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/info": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a front end needs to start
         * @description What a front end needs to start.
         */
        get: operations["get_info"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/system": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The machine that the server runs on: system, architecture, Python, shell, rights
         * @description The machine that the server runs on: system, architecture, Python, shell, rights.
         */
        get: operations["get_system"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/system/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * CPU, memory, disk and network at this moment
         * @description CPU, memory, disk and network at this moment.
         *
         *     The CPUs are watched for a tenth of a second.
         */
        get: operations["get_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every setting: its value, where it comes from, whether it can be changed
         * @description Every setting: its value, where it comes from, whether it can be changed.
         *
         *     Secrets read `"***"`.
         */
        get: operations["get_config"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Changes settings: all of them, or none where one is not valid
         * @description Changes settings: all of them, or none where one is not valid.
         *
         *     A live setting counts for the next request; `restart_required` names those that wait for the server's next start.
         *     `"***"` for a secret keeps what is stored. Errors: 422 for an unknown name or a bad value, with its path; 409 for a
         *     setting that cannot be changed here, and where `version` is not the current one.
         */
        patch: operations["update_config"];
        trace?: never;
    };
    "/config/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes back what was set through this API, for some names or all
         * @description Takes back what was set through this API, for some names or all.
         *
         *     The settings go back to the administrator's value, or the default. Errors: 422 for an unknown name.
         */
        post: operations["reset_config"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/config/schema": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * JSON Schema of the settings, with help, limits and defaults
         * @description JSON Schema of the settings, with help, limits and defaults.
         */
        get: operations["get_config_schema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/config/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What became of the changes: which count, which wait for a restart, which are ignored and why
         * @description What became of the changes: which count, which wait for a restart, which are ignored and why.
         */
        get: operations["get_config_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/config/capabilities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which settings and sections can be changed here, and when a change counts
         * @description Which settings and sections can be changed here, and when a change counts.
         */
        get: operations["get_config_capabilities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The server's log, newest first, without secrets
         * @description The server's log, newest first, without secrets.
         *
         *     `level` is the least one; `logger` names a logger and all below it; `q` is text in the message; `since` is a moment
         *     (ISO 8601) or a duration such as `30m`, `1h`, `7d`. Holds the newest `logs.keep_records` records since the server
         *     started.
         */
        get: operations["list_logs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/logs/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The server's log as it is written: events `log`, each with a record as in `GET /logs` and its id
         * @description The server's log as it is written: events `log`, each with a record as in `GET /logs` and its id.
         *
         *     With `Last-Event-ID` or `?after=` first the records kept since that id. An event `gap` says how many records a
         *     reader was too slow for.
         */
        get: operations["stream_logs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Action
         * @description What can be done about it in one click.
         */
        Action: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "new_session" | "summarize" | "choose_model" | "restrict_tools" | "set_context_budget" | "set_budget" | "open_settings" | "open_context" | "open_tools" | "open_turn" | "give_feedback";
            /** Label */
            label: string;
            /** Arguments */
            arguments?: {
                [key: string]: unknown;
            };
        };
        /** ActiveTurns */
        ActiveTurns: {
            /** Items */
            items: components["schemas"]["Turn"][];
        };
        /**
         * Analysis
         * @description What a model said about it.
         */
        Analysis: {
            /** Id */
            id: string;
            /**
             * Status
             * @default complete
             * @constant
             */
            status?: "complete";
            /**
             * Tips
             * @description What the rules say, as it was given to the model.
             */
            tips?: components["schemas"]["Tip"][];
            /**
             * Text
             * @description Markdown.
             */
            text: string;
            /** Provider */
            provider: string;
            /** Model */
            model: string;
            usage: components["schemas"]["Usage"];
            /** Created At */
            created_at: string;
        };
        /** AnalyzeRequest */
        AnalyzeRequest: {
            /**
             * Provider
             * @description Whose model is asked; null for the default one.
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
        };
        /**
         * Approval
         * @description A call that waits for a person, or that has waited.
         */
        Approval: {
            /** Id */
            id: string;
            /** Session Id */
            session_id: string;
            /** Turn Id */
            turn_id: string;
            /** Tool Call Id */
            tool_call_id: string;
            /** Tool */
            tool: string;
            /** Arguments */
            arguments: {
                [key: string]: unknown;
            };
            /**
             * Shown
             * @description The call as text for people: control and direction characters are visible.
             */
            shown: string;
            /**
             * Reason
             * @description Why it is asked: the rule or the mode, in words.
             */
            reason: string;
            /**
             * Asked By
             * @description Who asks: the `mode`, because of what the call needs; a `rule`; the `tool` itself.
             * @default mode
             * @enum {string}
             */
            asked_by?: "mode" | "rule" | "tool";
            /** Capabilities */
            capabilities: ("read" | "notebook_edit" | "file_write" | "execute" | "shell" | "network" | "external_directory" | "secret" | "client")[];
            /**
             * Changes
             * @description What it would change.
             */
            changes?: components["schemas"]["Change"][];
            /**
             * Status
             * @enum {string}
             */
            status: "pending" | "approved" | "denied" | "expired" | "cancelled";
            /**
             * Remember
             * @default once
             * @enum {string}
             */
            remember?: "once" | "session" | "always";
            /**
             * Edited Arguments
             * @description What a person made of the arguments.
             * @default null
             */
            edited_arguments?: {
                [key: string]: unknown;
            } | null;
            /**
             * Message
             * @description What was said with a no; the model reads it.
             * @default null
             */
            message?: string | null;
            /**
             * Stop
             * @description Whether the no ended the turn.
             * @default false
             */
            stop?: boolean;
            /**
             * Decided By
             * @default null
             */
            decided_by?: string | null;
            /**
             * Session Title
             * @default
             */
            session_title?: string;
            /** Created At */
            created_at: string;
            /**
             * Decided At
             * @default null
             */
            decided_at?: string | null;
            /**
             * Expires At
             * @default null
             */
            expires_at?: string | null;
        };
        /** ApprovalAnswer */
        ApprovalAnswer: {
            /** Id */
            id: string;
            /** Approve */
            approve: boolean;
            /**
             * Arguments
             * @default null
             */
            arguments?: {
                [key: string]: unknown;
            } | null;
            /**
             * Remember
             * @default once
             * @enum {string}
             */
            remember?: "once" | "session" | "always";
            /**
             * Message
             * @default null
             */
            message?: string | null;
            /**
             * Stop
             * @description With a no: ends the turn.
             * @default false
             */
            stop?: boolean;
        };
        /**
         * ApprovalAnswers
         * @description Several at once: all of them or none.
         */
        ApprovalAnswers: {
            /** Answers */
            answers: components["schemas"]["ApprovalAnswer"][];
        };
        /** ApprovalList */
        ApprovalList: {
            /** Items */
            items: components["schemas"]["Approval"][];
        };
        /** Approve */
        Approve: {
            /**
             * Arguments
             * @description Other arguments in place of those asked about.
             * @default null
             */
            arguments?: {
                [key: string]: unknown;
            } | null;
            /**
             * Remember
             * @description `session` and `always` make a rule, so that the like is not asked again.
             * @default once
             * @enum {string}
             */
            remember?: "once" | "session" | "always";
        };
        /**
         * Attribution
         * @description What a part of the context cost: its share of the input tokens' price.
         */
        Attribution: {
            /** Tokens */
            tokens: number;
            /**
             * Cost
             * @default null
             */
            cost?: string | null;
            /**
             * Share
             * @description Of all input tokens, 0 to 1.
             */
            share: number;
        };
        /** BlobInfo */
        BlobInfo: {
            /** Id */
            id: string;
            /**
             * Media Type
             * @enum {string}
             */
            media_type: "image/png" | "image/jpeg" | "image/gif" | "image/webp";
            /**
             * Name
             * @default null
             */
            name?: string | null;
            /**
             * Size
             * @description Bytes.
             */
            size: number;
        };
        /**
         * BlobUpload
         * @description A picture before its message; an image part names it by `blob_id`.
         */
        BlobUpload: {
            /**
             * Media Type
             * @enum {string}
             */
            media_type: "image/png" | "image/jpeg" | "image/gif" | "image/webp";
            /**
             * Data
             * @description Base64 of the picture, 10 MB of bytes at the most.
             */
            data: string;
            /**
             * Name
             * @default null
             */
            name?: string | null;
        };
        /**
         * Branch
         * @description Where to branch: after a turn, after a message, or, with neither, after everything.
         */
        Branch: {
            /**
             * Turn Id
             * @description Copy up to and including this turn.
             * @default null
             */
            turn_id?: string | null;
            /**
             * Message Id
             * @description Copy up to and including this message; how a branch is branched again where no turn of its own says.
             * @default null
             */
            message_id?: string | null;
            /**
             * Title
             * @description Null takes the title over.
             * @default null
             */
            title?: string | null;
        };
        /**
         * Breaker
         * @description Whether a provider is asked, or left alone after failures.
         */
        Breaker: {
            /** Provider */
            provider: string;
            /** Name */
            name: string;
            /**
             * State
             * @enum {string}
             */
            state: "closed" | "open" | "half_open";
            /**
             * Failures
             * @description Requests that failed within the window; while it is open those that it was opened for.
             * @default 0
             */
            failures?: number;
            /**
             * Held By
             * @description Why it stays open until it is reset: a person opened it, or there is no credit left. Null: time closes it.
             * @default null
             */
            held_by?: ("operator" | "credit") | null;
            /**
             * Reason
             * @description Why it is not closed.
             * @default null
             */
            reason?: string | null;
            /**
             * Opened At
             * @default null
             */
            opened_at?: string | null;
            /**
             * Retry At
             * @description When a request tries it again.
             * @default null
             */
            retry_at?: string | null;
            /**
             * Cooldown Seconds
             * @description How long it is left alone this time.
             * @default null
             */
            cooldown_seconds?: number | null;
            /**
             * Last Error
             * @description As in TurnError.code.
             * @default null
             */
            last_error?: string | null;
            /**
             * Last Failure At
             * @default null
             */
            last_failure_at?: string | null;
        };
        /**
         * BreakerConfig
         * @description The settings that count: section `selection` of the configuration.
         */
        BreakerConfig: {
            /** Failures */
            failures: number;
            /** Window Seconds */
            window_seconds: number;
            /** Cooldown Seconds */
            cooldown_seconds: number;
            /** Max Cooldown Seconds */
            max_cooldown_seconds: number;
        };
        /**
         * BreakerOpening
         * @description Why a provider is not to be asked.
         */
        BreakerOpening: {
            /**
             * Reason
             * @default
             */
            reason?: string;
        };
        /** Breakers */
        Breakers: {
            /**
             * Providers
             * @description By the provider's id. What failed is counted by each server process for itself; what is held counts for all.
             */
            providers: {
                [key: string]: components["schemas"]["Breaker"];
            };
            config: components["schemas"]["BreakerConfig"];
        };
        /**
         * BudgetLimit
         * @description A limit in US dollars: `soft` warns, `hard` stops.
         */
        BudgetLimit: {
            /**
             * Scope
             * @enum {string}
             */
            scope: "turn" | "session" | "day" | "month" | "user";
            /**
             * Session Id
             * @description Of scope `session`: the one session that it counts for; null for each.
             * @default null
             */
            session_id?: string | null;
            /**
             * Soft
             * @default null
             */
            soft?: string | null;
            /**
             * Hard
             * @default null
             */
            hard?: string | null;
        };
        /**
         * BudgetState
         * @description A limit, and how much of it is used.
         */
        BudgetState: {
            /**
             * Scope
             * @enum {string}
             */
            scope: "turn" | "session" | "day" | "month" | "user";
            /**
             * Session Id
             * @description Of scope `session`: the one session that it counts for; null for each.
             * @default null
             */
            session_id?: string | null;
            /**
             * Soft
             * @default null
             */
            soft?: string | null;
            /**
             * Hard
             * @default null
             */
            hard?: string | null;
            /**
             * Source
             * @description Who set it; an administrator's cannot be changed here, and of two the tighter one counts.
             * @enum {string}
             */
            source: "user" | "admin";
            /**
             * Spent
             * @description In its current turn, session, day or month; null for a limit of every turn or session.
             * @default null
             */
            spent?: string | null;
            /**
             * Left
             * @default null
             */
            left?: string | null;
            /**
             * Fraction
             * @description Spent over the hard limit, or over the soft one where there is no other.
             * @default null
             */
            fraction?: number | null;
            /**
             * State
             * @default ok
             * @enum {string}
             */
            state?: "ok" | "soft" | "hard";
            /**
             * Resets At
             * @default null
             */
            resets_at?: string | null;
            /**
             * Unpriced
             * @description Requests whose price nobody knows: they are not in `spent`.
             * @default 0
             */
            unpriced?: number;
        };
        /** Budgets */
        Budgets: {
            /** Items */
            items: components["schemas"]["BudgetState"][];
            /**
             * Timezone
             * @description In which days and months begin.
             */
            timezone: string;
        };
        /** BudgetsPut */
        BudgetsPut: {
            /**
             * Items
             * @description All limits of the caller's own; those that are not here are removed.
             */
            items: components["schemas"]["BudgetLimit"][];
        };
        /** CacheCleared */
        CacheCleared: {
            /** Provider */
            provider: string;
            /** Cleared */
            cleared: boolean;
        };
        /**
         * CacheStatistics
         * @description Use of the providers' prompt caches.
         */
        CacheStatistics: {
            /** Period */
            period: string;
            /**
             * Hits
             * @description Requests of which some tokens were read from the cache.
             */
            hits: number;
            /** Misses */
            misses: number;
            /**
             * Hit Rate
             * @default null
             */
            hit_rate?: number | null;
            /** Tokens Read */
            tokens_read: number;
            /** Tokens Written */
            tokens_written: number;
            /**
             * Token Rate
             * @default null
             */
            token_rate?: number | null;
            /**
             * Saved
             * @example 0.0042
             */
            saved: string;
            /** Models */
            models: components["schemas"]["ModelCache"][];
        };
        /** CacheUse */
        CacheUse: {
            /**
             * Read
             * @description Tokens that the provider read from its cache.
             * @default 0
             */
            read?: number;
            /**
             * Write
             * @default 0
             */
            write?: number;
            /**
             * Hit Rate
             * @description Tokens read from the cache over all tokens sent, 0 to 1; null where the provider said no count.
             * @default null
             */
            hit_rate?: number | null;
        };
        /** Candidate */
        Candidate: {
            /** Provider */
            provider: string;
            /** Model */
            model: string;
            /**
             * Score
             * @description The weighted mean of the scores that are known.
             * @default null
             */
            score?: number | null;
            scores?: components["schemas"]["Scores"];
            /**
             * Available
             * @default true
             */
            available?: boolean;
            /**
             * Reason
             * @description Why it was chosen, or not.
             * @default
             */
            reason?: string;
        };
        /** CapacityReport */
        CapacityReport: {
            /** Providers */
            providers: {
                [key: string]: components["schemas"]["ProviderCapacity"];
            };
        };
        /**
         * Change
         * @description One change to a cell or file, as it is shown to people.
         */
        Change: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "cell" | "file";
            /**
             * Action
             * @enum {string}
             */
            action: "create" | "edit" | "delete" | "move" | "rename" | "outputs";
            /** Path */
            path: string;
            /**
             * Cell Id
             * @default null
             */
            cell_id?: string | null;
            /**
             * Title
             * @description What it is about: `cell 12`, a file's name.
             * @default
             */
            title?: string;
            /**
             * Language
             * @default null
             */
            language?: string | null;
            /**
             * Before
             * @description Text; null where there was nothing.
             * @default null
             */
            before?: string | null;
            /**
             * After
             * @default null
             */
            after?: string | null;
            /**
             * Edit Id
             * @description Of the edit that was made of it; null while it is only planned.
             * @default null
             */
            edit_id?: string | null;
            /**
             * Previous Cell
             * @description Of a deleted cell: the id of the one below which it stood; null for the first.
             * @default null
             */
            previous_cell?: string | null;
        };
        /**
         * Checkpoint
         * @description All that one turn changed.
         */
        Checkpoint: {
            /** Turn Id */
            turn_id: string;
            /** Session Id */
            session_id: string;
            /**
             * Message
             * @description The first words of what was asked.
             */
            message: string;
            /**
             * State
             * @enum {string}
             */
            state: "applied" | "partly_undone" | "undone";
            /** Edits */
            edits: components["schemas"]["Edit"][];
            /** Created At */
            created_at: string;
        };
        /** CheckpointList */
        CheckpointList: {
            /** Items */
            items: components["schemas"]["Checkpoint"][];
        };
        /** Cleared */
        Cleared: {
            /** Id */
            id: string;
            /** Deleted Messages */
            deleted_messages: number;
        };
        /**
         * ClientTool
         * @description A tool that the client runs which offers it.
         */
        ClientTool: {
            /** Name */
            name: string;
            /**
             * Description
             * @default
             */
            description?: string;
            /** Input Schema */
            input_schema?: {
                [key: string]: unknown;
            };
            /**
             * Capabilities
             * @description What it needs beside `client`; the policy decides by it.
             */
            capabilities?: ("read" | "notebook_edit" | "file_write" | "execute" | "shell" | "network" | "external_directory" | "secret" | "client")[];
            /**
             * Timeout Seconds
             * @description How long its answer is waited for; null for the server's setting.
             * @default null
             */
            timeout_seconds?: number | null;
        };
        /** ClientToolImage */
        ClientToolImage: {
            /**
             * Media Type
             * @enum {string}
             */
            media_type: "image/png" | "image/jpeg" | "image/gif" | "image/webp";
            /**
             * Data
             * @description Base64.
             */
            data: string;
        };
        /** ClientToolResult */
        ClientToolResult: {
            /** Tool Call Id */
            tool_call_id: string;
            /** Content */
            content: string;
            /**
             * Is Error
             * @default false
             */
            is_error?: boolean;
            /** Images */
            images?: components["schemas"]["ClientToolImage"][];
        };
        /** ClientToolResults */
        ClientToolResults: {
            /** Results */
            results: components["schemas"]["ClientToolResult"][];
        };
        /**
         * CodeEdit
         * @description Code, and what is to become of it.
         */
        CodeEdit: {
            /** Instruction */
            instruction: string;
            /** Source */
            source: string;
            /**
             * Language
             * @default
             */
            language?: string;
            /**
             * Context
             * @description What else the model should know: other cells, an error.
             * @default
             */
            context?: string;
            /**
             * Provider
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
        };
        /**
         * Compaction
         * @description How a context that was too long was made shorter.
         */
        Compaction: {
            /**
             * Strategy
             * @enum {string}
             */
            strategy: "summarize" | "shorten" | "drop";
            /**
             * Before
             * @description Tokens.
             */
            before: number;
            /** After */
            after: number;
            /**
             * Threshold
             * @description Tokens from which on it is done.
             */
            threshold: number;
            /** Items */
            items?: components["schemas"]["LeftOut"][];
        };
        /**
         * Completion
         * @description What to insert at the cursor.
         */
        Completion: {
            /**
             * Text
             * @description Empty where the model has nothing to add.
             */
            text: string;
            /** Provider */
            provider: string;
            /** Model */
            model: string;
            usage: components["schemas"]["Usage"];
        };
        /**
         * CompletionRequest
         * @description Where the cursor is.
         */
        CompletionRequest: {
            /**
             * Prefix
             * @description What stands before the cursor; of a long text its end is read.
             */
            prefix: string;
            /**
             * Suffix
             * @description What stands after it; of a long text its beginning is read.
             * @default
             */
            suffix?: string;
            /**
             * Language
             * @description `python`, `markdown` ...
             * @default
             */
            language?: string;
            /**
             * Path
             * @description The file or notebook, for the model to know.
             * @default null
             */
            path?: string | null;
            /**
             * Provider
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
            /**
             * Max Tokens
             * @default null
             */
            max_tokens?: number | null;
        };
        /** Config */
        Config: {
            /** Values */
            values: {
                [key: string]: unknown;
            };
            /** Settings */
            settings: components["schemas"]["ConfigSetting"][];
            /**
             * Version
             * @description Grows with every change; send it back to notice a change in between.
             */
            version: number;
            /**
             * Restart Required
             * @description Names whose change waits for the server's next start.
             */
            restart_required: string[];
        };
        /**
         * ConfigCapabilities
         * @description What can be changed, and when it counts.
         */
        ConfigCapabilities: {
            /** Mutable Sections */
            mutable_sections: string[];
            /** Immutable Sections */
            immutable_sections: string[];
            /**
             * Live
             * @description Names whose change counts at once.
             */
            live: string[];
            /**
             * Restart
             * @description Names whose change counts after the server's next start.
             */
            restart: string[];
            /**
             * Immutable
             * @description Names that only the administrator's Jupyter configuration sets.
             */
            immutable: string[];
            /**
             * Locked
             * @description Whether the administrator keeps what the Jupyter configuration sets (`AgentApp.lock_config`).
             */
            locked: boolean;
            /** Notes */
            notes: string[];
        };
        /** ConfigChange */
        ConfigChange: {
            /** Name */
            name: string;
            /**
             * Value
             * @description What was set; `"***"` for a secret. After a reset, what the setting goes back to.
             */
            value: unknown;
            /**
             * Changed At
             * @description When it was set through this API; null after a reset.
             * @default null
             */
            changed_at?: string | null;
        };
        /** ConfigIgnored */
        ConfigIgnored: {
            /** Name */
            name: string;
            /** Reason */
            reason: string;
        };
        /** ConfigPatch */
        ConfigPatch: {
            /**
             * Values
             * @description Dotted names to new values; all are taken or none.
             */
            values: {
                [key: string]: unknown;
            };
            /**
             * Version
             * @description Refuse with 409 where the configuration is no longer this version.
             * @default null
             */
            version?: number | null;
        };
        /** ConfigReset */
        ConfigReset: {
            /**
             * Names
             * @description Null for all that were set through this API.
             * @default null
             */
            names?: string[] | null;
        };
        /** ConfigSchema */
        ConfigSchema: {
            /**
             * Json Schema
             * @description JSON Schema 2020-12 of `values`.
             */
            json_schema: {
                [key: string]: unknown;
            };
        };
        /** ConfigSetting */
        ConfigSetting: {
            /**
             * Name
             * @description Dotted name, such as `turns.max_steps`.
             */
            name: string;
            /**
             * Value
             * @description What counts now; `"***"` for a secret.
             */
            value: unknown;
            /** Default */
            default: unknown;
            /**
             * Source
             * @description `server`: set by the administrator's Jupyter configuration; `user`: through this API.
             * @enum {string}
             */
            source: "default" | "server" | "user";
            /**
             * Mutable
             * @description Whether this API may change it.
             */
            mutable: boolean;
            /**
             * Restart Required
             * @description Whether a change waits for the server's next start.
             * @default false
             */
            restart_required?: boolean;
            /**
             * Pending Value
             * @description What counts after the next start, where that differs from `value`.
             * @default null
             */
            pending_value?: unknown;
            /** Help */
            help: string;
        };
        /**
         * ConfigStatus
         * @description What became of the changes made through this API.
         */
        ConfigStatus: {
            /**
             * Status
             * @enum {string}
             */
            status: "applied" | "restart_required";
            /** Version */
            version: number;
            /**
             * Applied
             * @description Changes that count now.
             */
            applied: components["schemas"]["ConfigChange"][];
            /**
             * Pending
             * @description Changes that wait for the server's next start.
             */
            pending: components["schemas"]["ConfigChange"][];
            /**
             * Ignored
             * @description Stored changes that do not count: locked by the administrator, or not valid any more.
             */
            ignored: components["schemas"]["ConfigIgnored"][];
        };
        /**
         * Consumption
         * @description Who and what used how much. Lists of sessions hold the 50 most costly.
         */
        Consumption: {
            /** Period */
            period: string;
            /** Timezone */
            timezone: string;
            totals: components["schemas"]["Totals"];
            /** Providers */
            providers: components["schemas"]["ProviderConsumption"][];
            /** Sessions */
            sessions: components["schemas"]["SessionConsumption"][];
            /** Users */
            users: components["schemas"]["UserConsumption"][];
            /** Days */
            days: components["schemas"]["DayConsumption"][];
        };
        /**
         * ContextItem
         * @description One message or schema, in the order sent.
         */
        ContextItem: {
            /**
             * Part
             * @enum {string}
             */
            part: "system_prompt" | "memory" | "skills" | "knowledge" | "notebook" | "history" | "tools" | "attachments" | "message" | "steps";
            /**
             * Role
             * @enum {string}
             */
            role: "system" | "user" | "assistant" | "tool";
            /**
             * Title
             * @description What it is: `You`, `edit_cell`, `notebook sales.ipynb`.
             */
            title: string;
            /** Tokens */
            tokens: number;
            /**
             * Sha256
             * @description Of the content as it was kept; the same in two snapshots where the same was sent.
             */
            sha256: string;
            /**
             * Content
             * @description What was sent, secrets masked, pictures by their kind and size; JSON for calls and schemas. Null in lists.
             * @default null
             */
            content?: string | null;
        };
        /**
         * ContextPart
         * @description Something of the user's work that was attached: a notebook, a cell, a selection, a file, a variable.
         */
        ContextPart: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "context";
            /**
             * Kind
             * @enum {string}
             */
            kind: "notebook" | "cell" | "selection" | "file" | "variable" | "text";
            /**
             * Name
             * @description What the chip shows.
             */
            name: string;
            /**
             * Text
             * @description What the model reads.
             * @default
             */
            text?: string;
            /**
             * Path
             * @description Path inside the server's root, where there is one.
             * @default null
             */
            path?: string | null;
            /**
             * Cell Id
             * @default null
             */
            cell_id?: string | null;
            /** Metadata */
            metadata?: {
                [key: string]: unknown;
            };
        };
        /**
         * ContextSnapshot
         * @description What a model was sent in one request of a turn.
         */
        ContextSnapshot: {
            /**
             * Id
             * @description Id of the model request, in the ledger too.
             */
            id: string;
            /** Turn Id */
            turn_id: string;
            /** Session Id */
            session_id: string;
            /**
             * Step
             * @description 0 for the turn's first request.
             */
            step: number;
            /**
             * Purpose
             * @description `turn`, or `reflection` for the report before an answer.
             */
            purpose: string;
            /** Provider */
            provider: string;
            /** Model */
            model: string;
            /**
             * Complexity
             * @enum {string}
             */
            complexity: "L0" | "L1" | "L2" | "L3";
            /**
             * Budget
             * @description Tokens of context that there was room for; null where nobody knows the model's window.
             * @default null
             */
            budget?: number | null;
            /**
             * Context Window
             * @default null
             */
            context_window?: number | null;
            /**
             * Tokens
             * @description By part. They add up to `total`.
             */
            tokens: {
                [key: string]: number;
            };
            /** Total */
            total: number;
            /**
             * Source
             * @description Who counted `total`: the provider, in its answer; a tokenizer; or an estimate by the number of characters. Where
             *     the provider did, the parts are the tokenizer's, in proportion.
             * @enum {string}
             */
            source: "provider" | "tokenizer" | "estimate";
            /**
             * Tokenizer
             * @description What counted the parts.
             */
            tokenizer: string;
            /**
             * History Depth
             * @description Messages of the conversation that were sent.
             */
            history_depth: number;
            /**
             * History Total
             * @description Messages of the conversation that there were.
             */
            history_total: number;
            /** Left Out */
            left_out?: components["schemas"]["LeftOut"][];
            /** Retrieved */
            retrieved?: components["schemas"]["Retrieved"][];
            /** @default null */
            compaction?: components["schemas"]["Compaction"] | null;
            cache?: components["schemas"]["CacheUse"];
            /** @description What the provider says that the request used. */
            usage: components["schemas"]["Usage"];
            /**
             * Settings
             * @description Sampling settings.
             */
            settings?: {
                [key: string]: unknown;
            };
            /**
             * Duration Ms
             * @default null
             */
            duration_ms?: number | null;
            /**
             * First Token Ms
             * @default null
             */
            first_token_ms?: number | null;
            /**
             * Error Code
             * @default null
             */
            error_code?: string | null;
            /** Items */
            items?: components["schemas"]["ContextItem"][];
            /** Created At */
            created_at: string;
        };
        /**
         * CostReport
         * @description What was used in a period. Rows in the order of time, then of cost.
         */
        CostReport: {
            /**
             * Items
             * @description The rows of this page, in the order asked for.
             */
            items: components["schemas"]["CostRow"][];
            /**
             * Total
             * @description How many rows match, over all pages.
             */
            total: number;
            /**
             * Limit
             * @description The most rows a page holds.
             */
            limit: number;
            /**
             * Offset
             * @description How many rows stand before this page.
             */
            offset: number;
            /**
             * Period
             * @description As asked for, or `start/end`.
             */
            period: string;
            /**
             * Start
             * @default null
             */
            start?: string | null;
            /** End */
            end: string;
            /**
             * Timezone
             * @description In which days begin.
             */
            timezone: string;
            /** By */
            by: ("hour" | "day" | "week" | "month" | "provider" | "model" | "session" | "purpose" | "user")[];
            /** @description Of all rows, on whatever page. */
            totals: components["schemas"]["Totals"];
        };
        /**
         * CostRow
         * @description Sums of the requests that are alike in what was grouped by; the other keys are null.
         */
        CostRow: {
            /**
             * Requests
             * @default 0
             */
            requests?: number;
            /**
             * Errors
             * @default 0
             */
            errors?: number;
            /**
             * Input
             * @default 0
             */
            input?: number;
            /**
             * Output
             * @default 0
             */
            output?: number;
            /**
             * Cache Read
             * @default 0
             */
            cache_read?: number;
            /**
             * Cache Write
             * @default 0
             */
            cache_write?: number;
            /**
             * Cost
             * @default 0
             * @example 0.0042
             */
            cost?: string;
            /**
             * Saved
             * @description What the provider's cache made cheaper.
             * @default 0
             * @example 0.0042
             */
            saved?: string;
            /**
             * Unpriced
             * @description Requests that used tokens and whose price nobody knows: `cost` is without them.
             * @default 0
             */
            unpriced?: number;
            /**
             * Time
             * @description When the hour, day, week or month begins, in the report's time zone.
             * @default null
             */
            time?: string | null;
            /**
             * Provider
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
            /**
             * Session Id
             * @default null
             */
            session_id?: string | null;
            /**
             * Title
             * @description The session's; null where it is not there any more.
             * @default null
             */
            title?: string | null;
            /**
             * Purpose
             * @default null
             */
            purpose?: string | null;
            /**
             * User
             * @default null
             */
            user?: string | null;
            /**
             * Average Ms
             * @default null
             */
            average_ms?: number | null;
            /**
             * Average First Token Ms
             * @default null
             */
            average_first_token_ms?: number | null;
        };
        /**
         * Credential
         * @description Whether a provider has a key, and from where. Never the key itself.
         */
        Credential: {
            /** Provider */
            provider: string;
            /** Provider Name */
            provider_name: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "local" | "openai" | "openai_compatible" | "anthropic" | "google" | "ollama";
            /**
             * Key Source
             * @enum {string}
             */
            key_source: "none" | "stored" | "environment" | "not_needed";
            /**
             * Key Env
             * @description The environment variable that the key is read from.
             * @default null
             */
            key_env?: string | null;
            /**
             * Stored In
             * @description Where the stored key and headers are: the operating system's keyring or a file that only its owner can read.
             * @default null
             */
            stored_in?: ("keyring" | "file") | null;
            /**
             * Headers
             * @description Names of the extra headers.
             */
            headers?: string[];
            /**
             * Updated At
             * @default null
             */
            updated_at?: string | null;
        };
        /** DayConsumption */
        DayConsumption: {
            /**
             * Requests
             * @default 0
             */
            requests?: number;
            /**
             * Errors
             * @default 0
             */
            errors?: number;
            /**
             * Input
             * @default 0
             */
            input?: number;
            /**
             * Output
             * @default 0
             */
            output?: number;
            /**
             * Cache Read
             * @default 0
             */
            cache_read?: number;
            /**
             * Cache Write
             * @default 0
             */
            cache_write?: number;
            /**
             * Cost
             * @default 0
             * @example 0.0042
             */
            cost?: string;
            /**
             * Saved
             * @description What the provider's cache made cheaper.
             * @default 0
             * @example 0.0042
             */
            saved?: string;
            /**
             * Unpriced
             * @description Requests that used tokens and whose price nobody knows: `cost` is without them.
             * @default 0
             */
            unpriced?: number;
            /**
             * Day
             * @description `YYYY-MM-DD` in the report's time zone.
             */
            day: string;
        };
        /**
         * DefaultModel
         * @description The provider and model of whoever names none.
         */
        DefaultModel: {
            /** Provider */
            provider: string;
            /**
             * Model
             * @description Null for the provider's own default model.
             * @default null
             */
            model?: string | null;
        };
        /** Deleted */
        Deleted: {
            /** Id */
            id: string;
            /**
             * Deleted
             * @default true
             * @constant
             */
            deleted?: true;
        };
        /** Deny */
        Deny: {
            /**
             * Message
             * @description Read by the model.
             * @default null
             */
            message?: string | null;
            /**
             * Stop
             * @description Ends the turn, with the stop reason `denied`.
             * @default false
             */
            stop?: boolean;
        };
        /** DiskMetrics */
        DiskMetrics: {
            /** Path */
            path: string;
            /** Total Bytes */
            total_bytes: number;
            /** Used Bytes */
            used_bytes: number;
            /** Free Bytes */
            free_bytes: number;
            /** Percent */
            percent: number;
        };
        /**
         * Edit
         * @description A change that a turn made, kept so that it can be undone.
         */
        Edit: {
            /** Id */
            id: string;
            /** Turn Id */
            turn_id: string;
            /**
             * Tool Call Id
             * @default null
             */
            tool_call_id?: string | null;
            change: components["schemas"]["Change"];
            /**
             * State
             * @enum {string}
             */
            state: "applied" | "accepted" | "undone";
            /** Created At */
            created_at: string;
            /** Changed At */
            changed_at: string;
        };
        /**
         * EditedCode
         * @description The code, changed. Nothing is written anywhere.
         */
        EditedCode: {
            /** Source */
            source: string;
            /** Provider */
            provider: string;
            /** Model */
            model: string;
            usage: components["schemas"]["Usage"];
        };
        /** EfficiencyCost */
        EfficiencyCost: {
            /**
             * Total
             * @example 0.0042
             */
            total: string;
            /**
             * Per Output Token
             * @default null
             */
            per_output_token?: string | null;
            /**
             * Effective Per Turn
             * @default null
             */
            effective_per_turn?: string | null;
            /**
             * Cache Savings
             * @example 0.0042
             */
            cache_savings: string;
            /**
             * Cumulative Trend
             * @description The second half's cost a turn over the first half's, less 1.
             * @default null
             */
            cumulative_trend?: number | null;
            /** Attribution */
            attribution?: {
                [key: string]: components["schemas"]["Attribution"];
            };
            /**
             * Wasted Budget Cost
             * @description Paid for requests that failed or were stopped.
             * @default 0
             * @example 0.0042
             */
            wasted_budget_cost?: string;
        };
        /** EfficiencyPoint */
        EfficiencyPoint: {
            /** Time */
            time: string;
            /** Model */
            model: string;
            /** Turns */
            turns: number;
            /**
             * Cost
             * @example 0.0042
             */
            cost: string;
            /**
             * Output Density
             * @default null
             */
            output_density?: number | null;
            /**
             * Cache Hit Rate
             * @default null
             */
            cache_hit_rate?: number | null;
        };
        /** EfficiencyQuality */
        EfficiencyQuality: {
            /**
             * Average Grade
             * @default null
             */
            average_grade?: number | null;
            /**
             * Grade Count
             * @default 0
             */
            grade_count?: number;
            /**
             * Grade Coverage
             * @description Turns that have a grade over all turns.
             * @default 0
             */
            grade_coverage?: number;
            /**
             * Cost Per Quality Point
             * @default null
             */
            cost_per_quality_point?: string | null;
            /** By Complexity */
            by_complexity?: {
                [key: string]: components["schemas"]["GradeWith"];
            };
            with_memory?: components["schemas"]["GradeWith"];
            without_memory?: components["schemas"]["GradeWith"];
            /**
             * Trend
             * @description The second half's average grade less the first half's.
             * @default null
             */
            trend?: number | null;
        };
        /** EfficiencyReport */
        EfficiencyReport: {
            /** Period */
            period: string;
            /** Timezone */
            timezone: string;
            /**
             * Models
             * @description By `provider/model`.
             */
            models: {
                [key: string]: components["schemas"]["ModelEfficiency"];
            };
            /** Time Series */
            time_series: components["schemas"]["EfficiencyPoint"][];
            totals: components["schemas"]["EfficiencyTotals"];
        };
        /** EfficiencyTotals */
        EfficiencyTotals: {
            /**
             * Total Cost
             * @example 0.0042
             */
            total_cost: string;
            /**
             * Total Cache Savings
             * @example 0.0042
             */
            total_cache_savings: string;
            /** Total Turns */
            total_turns: number;
            /**
             * Most Expensive Model
             * @default null
             */
            most_expensive_model?: string | null;
            /**
             * Most Efficient Model
             * @description By output tokens for a dollar.
             * @default null
             */
            most_efficient_model?: string | null;
            /**
             * Biggest Cost Driver
             * @default null
             */
            biggest_cost_driver?: ("system_prompt" | "memory" | "skills" | "knowledge" | "notebook" | "history" | "tools" | "attachments" | "message" | "steps") | null;
        };
        /**
         * EfficiencyTrend
         * @description The second half of the period against the first: (second - first) / first; null where there was nothing.
         */
        EfficiencyTrend: {
            /**
             * Output Density
             * @default null
             */
            output_density?: number | null;
            /**
             * Cost Per Turn
             * @default null
             */
            cost_per_turn?: number | null;
            /**
             * Duration
             * @default null
             */
            duration?: number | null;
            /**
             * Cache Hit Rate
             * @default null
             */
            cache_hit_rate?: number | null;
        };
        /**
         * ErrorDetail
         * @description What went wrong, for a program (`code`) and for a person (`message`).
         */
        ErrorDetail: {
            /**
             * Code
             * @description A stable name: bad_request, unauthorized, forbidden, not_found, conflict, too_large, invalid, rate_limited,
             *     internal_error or one that the operation documents.
             */
            code: string;
            /** Message */
            message: string;
            /** Details */
            details?: {
                [key: string]: unknown;
            };
        };
        /**
         * ErrorEnvelope
         * @description The body of every answer that is not a success.
         */
        ErrorEnvelope: {
            error: components["schemas"]["ErrorDetail"];
        };
        /** Evidence */
        Evidence: {
            /** Metric */
            metric: string;
            /** Value */
            value: number;
            /**
             * Unit
             * @default
             * @enum {string}
             */
            unit?: "" | "ratio" | "tokens" | "usd" | "turns" | "calls" | "grade" | "ms";
            /**
             * Context
             * @description What it is compared with.
             * @default
             */
            context?: string;
        };
        /** ExportedBlob */
        ExportedBlob: {
            /** Media Type */
            media_type: string;
            /**
             * Name
             * @default null
             */
            name?: string | null;
            /**
             * Data
             * @description Base64.
             */
            data: string;
        };
        /** ExportedMessage */
        ExportedMessage: {
            /**
             * Role
             * @enum {string}
             */
            role: "user" | "assistant" | "system";
            /** Parts */
            parts: (components["schemas"]["TextPart"] | components["schemas"]["ImagePart"] | components["schemas"]["ContextPart"] | components["schemas"]["ThinkingPart"] | components["schemas"]["ToolCallPart"] | components["schemas"]["ToolResultPart"])[];
            /**
             * Provider
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
            /** @default null */
            usage?: components["schemas"]["Usage"] | null;
            /**
             * Stop Reason
             * @default null
             */
            stop_reason?: string | null;
            /**
             * Duration Ms
             * @default null
             */
            duration_ms?: number | null;
            /**
             * In Context
             * @default true
             */
            in_context?: boolean;
            /**
             * Created At
             * @default null
             */
            created_at?: string | null;
        };
        /** ExportedSession */
        ExportedSession: {
            /**
             * Title
             * @default
             */
            title?: string;
            /**
             * Title Source
             * @default none
             * @enum {string}
             */
            title_source?: "none" | "user" | "model" | "message";
            /**
             * Channel
             * @default api
             */
            channel?: string;
            /**
             * Agent
             * @default null
             */
            agent?: string | null;
            /**
             * Project
             * @default null
             */
            project?: string | null;
            /**
             * Notebook
             * @default null
             */
            notebook?: string | null;
            /**
             * Provider
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
            /** Metadata */
            metadata?: {
                [key: string]: unknown;
            };
            /**
             * @description What the conversation cost; for the reader, an import does not count it again.
             * @default null
             */
            usage?: components["schemas"]["Usage"] | null;
            /**
             * Created At
             * @default null
             */
            created_at?: string | null;
        };
        /** Feedback */
        Feedback: {
            /** Turn Id */
            turn_id: string;
            /** Session Id */
            session_id: string;
            /**
             * Grade
             * @description 1 (useless) to 5 (just right).
             */
            grade: number;
            /**
             * Comment
             * @default
             */
            comment?: string;
            /**
             * Source
             * @description Where it was given: `api`, `lab`, `notebook`.
             * @default api
             */
            source?: string;
            /** Created At */
            created_at: string;
            /** Updated At */
            updated_at: string;
        };
        /** FeedbackGiven */
        FeedbackGiven: {
            /** Grade */
            grade: number;
            /**
             * Comment
             * @default
             */
            comment?: string;
            /**
             * Source
             * @default api
             * @enum {string}
             */
            source?: "api" | "lab" | "notebook";
        };
        /** FunctionsList */
        FunctionsList: {
            /** Items */
            items: components["schemas"]["FunctionsOffered"][];
        };
        /**
         * FunctionsOffer
         * @description The functions of a notebook that its kernel offers, all of them.
         */
        FunctionsOffer: {
            /** Kernel Id */
            kernel_id: string;
            /**
             * Notebook
             * @description As the kernel knows it; which notebooks a kernel runs for is known to the server.
             * @default null
             */
            notebook?: string | null;
            /**
             * Key
             * @description Of the kernel's process: a call meant for the one before a restart is not answered.
             */
            key: string;
            /** Functions */
            functions: components["schemas"]["ClientTool"][];
            /**
             * Awaited
             * @description Names of those that are awaited in the kernel's event loop. The others are called, so that an interrupt stops
             *     them wherever they are.
             */
            awaited?: string[];
        };
        /** FunctionsOffered */
        FunctionsOffered: {
            /** Kernel Id */
            kernel_id: string;
            /** Notebook */
            notebook: string | null;
            /** Functions */
            functions: components["schemas"]["ClientTool"][];
        };
        /** GradeWith */
        GradeWith: {
            /**
             * Average
             * @default null
             */
            average?: number | null;
            /**
             * Count
             * @default 0
             */
            count?: number;
        };
        /** Guidance */
        Guidance: {
            /**
             * Message
             * @description Read by the model before its next step.
             */
            message: string;
        };
        /** GuidanceAccepted */
        GuidanceAccepted: {
            /** Id */
            id: string;
            /** Turn Id */
            turn_id: string;
            /** Message */
            message: string;
            /** Created At */
            created_at: string;
            /**
             * Delivered At
             * @default null
             */
            delivered_at?: string | null;
        };
        /** Health */
        Health: {
            /**
             * Status
             * @enum {string}
             */
            status: "ok" | "degraded";
            /** Version */
            version: string;
            /** Uptime Seconds */
            uptime_seconds: number;
        };
        /**
         * ImagePart
         * @description A picture: sent as base64 `data`, or as the `blob_id` of one that is there already (`POST /blobs`, or another
         *     message). It is kept as a blob; reads give the `blob_id`, never the data.
         */
        ImagePart: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "image";
            /**
             * Media Type
             * @enum {string}
             */
            media_type: "image/png" | "image/jpeg" | "image/gif" | "image/webp";
            /**
             * Data
             * @description Base64 of the picture, 10 MB of bytes at the most; write only.
             * @default null
             */
            data?: string | null;
            /**
             * Blob Id
             * @default null
             */
            blob_id?: string | null;
            /**
             * Name
             * @default null
             */
            name?: string | null;
        };
        /** Impact */
        Impact: {
            /**
             * Monthly Savings
             * @description US dollars a month, at the pace of the period; null where it is not about money, or no price is known.
             * @default null
             */
            monthly_savings?: string | null;
            /**
             * Quality Change
             * @description In grades, of 5.
             * @default null
             */
            quality_change?: number | null;
            /**
             * Description
             * @default
             */
            description?: string;
        };
        /**
         * Info
         * @description What a front end needs to start.
         */
        Info: {
            /** Name */
            name: string;
            /** Version */
            version: string;
            /**
             * Api Version
             * @default v1
             * @constant
             */
            api_version?: "v1";
            /**
             * User
             * @description Who the caller is: the owner of what they make.
             */
            user: string;
            /** Display Name */
            display_name: string;
            /**
             * Server Root Name
             * @description Last part of the server's root folder.
             */
            server_root_name: string;
            /** Python */
            python: string;
            /** Platform */
            platform: string;
            /** Default Provider */
            default_provider: string | null;
            /** Default Model */
            default_model: string | null;
            /** Default Model Ready */
            default_model_ready: boolean;
            /**
             * First Run
             * @description True until the caller has had a turn.
             */
            first_run: boolean;
            /** Sudo Allowed */
            sudo_allowed: boolean;
            /** Features */
            features: string[];
        };
        /** Interrupt */
        Interrupt: {
            /**
             * Message
             * @description Why; kept with the turn and shown in its conversation.
             * @default null
             */
            message?: string | null;
        };
        /**
         * LeftOut
         * @description Something that did not go to the model, and why.
         */
        LeftOut: {
            /**
             * What
             * @enum {string}
             */
            what: "history" | "attachment" | "tool_result" | "picture" | "notebook" | "memory" | "knowledge" | "skill";
            /**
             * Count
             * @description How many of them.
             */
            count: number;
            /**
             * Tokens
             * @description How many tokens that saved.
             */
            tokens: number;
            /** Reason */
            reason: string;
        };
        /** LogRecord */
        LogRecord: {
            /** Id */
            id: number;
            /** Time */
            time: string;
            /**
             * Level
             * @enum {string}
             */
            level: "debug" | "info" | "warning" | "error" | "critical";
            /** Logger */
            logger: string;
            /** Message */
            message: string;
            /**
             * Fields
             * @description session_id, turn_id, provider, error_id ..., where they are known.
             */
            fields?: {
                [key: string]: unknown;
            };
        };
        /**
         * Message
         * @description One message of a conversation.
         */
        Message: {
            /** Id */
            id: string;
            /** Session Id */
            session_id: string;
            /**
             * Turn Id
             * @default null
             */
            turn_id?: string | null;
            /**
             * Seq
             * @description Position in the session, from 0, growing.
             */
            seq: number;
            /**
             * Role
             * @enum {string}
             */
            role: "user" | "assistant" | "system";
            /** Parts */
            parts: (components["schemas"]["TextPart"] | components["schemas"]["ImagePart"] | components["schemas"]["ContextPart"] | components["schemas"]["ThinkingPart"] | components["schemas"]["ToolCallPart"] | components["schemas"]["ToolResultPart"])[];
            /**
             * Text
             * @description The text parts, joined.
             */
            text: string;
            /**
             * Provider
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
            /** @default null */
            usage?: components["schemas"]["Usage"] | null;
            /**
             * Stop Reason
             * @default null
             */
            stop_reason?: string | null;
            /**
             * Duration Ms
             * @default null
             */
            duration_ms?: number | null;
            /**
             * In Context
             * @description False once a summary stands for it.
             * @default true
             */
            in_context?: boolean;
            /**
             * Versions
             * @description Of a user's message that was sent again: all versions, the oldest first, this one included; else empty.
             */
            versions?: components["schemas"]["MessageVersion"][];
            /**
             * Version
             * @description The place among the versions, from 0.
             * @default 0
             */
            version?: number;
            /** Created At */
            created_at: string;
        };
        /**
         * MessageAppend
         * @description A message put into the history without running the agent.
         */
        MessageAppend: {
            /**
             * Role
             * @default user
             * @enum {string}
             */
            role?: "user" | "assistant" | "system";
            /**
             * Text
             * @default
             */
            text?: string;
            /**
             * Parts
             * @description More of the message: pictures (3 at the most) and context.
             */
            parts?: (components["schemas"]["TextPart"] | components["schemas"]["ImagePart"] | components["schemas"]["ContextPart"])[];
        };
        /**
         * MessageVersion
         * @description One of the versions of what the user said at one place of a conversation.
         */
        MessageVersion: {
            /** Message Id */
            message_id: string;
            /**
             * Session Id
             * @description Where the conversation goes on from this version.
             */
            session_id: string;
            /** Created At */
            created_at: string;
        };
        /**
         * Model
         * @description A model one can choose.
         */
        Model: {
            /** Id */
            id: string;
            /** Provider */
            provider: string;
            /** Provider Name */
            provider_name: string;
            /** Name */
            name: string;
            /**
             * Available
             * @description False where its provider is not ready; `reason` says what is missing.
             */
            available: boolean;
            /**
             * Reason
             * @default null
             */
            reason?: string | null;
            /**
             * Is Default
             * @default false
             */
            is_default?: boolean;
            /**
             * Context Window
             * @description Tokens.
             * @default null
             */
            context_window?: number | null;
            /**
             * Input Price
             * @description US dollars per million tokens.
             * @default null
             */
            input_price?: string | null;
            /**
             * Output Price
             * @default null
             */
            output_price?: string | null;
            /**
             * Price Source
             * @default null
             */
            price_source?: ("user" | "genai-prices" | "free") | null;
            /**
             * Supports Tools
             * @default null
             */
            supports_tools?: boolean | null;
            /**
             * Supports Images
             * @default null
             */
            supports_images?: boolean | null;
            /**
             * Supports Thinking
             * @default null
             */
            supports_thinking?: boolean | null;
        };
        /** ModelCache */
        ModelCache: {
            /** Provider */
            provider: string;
            /** Model */
            model: string;
            /** Hits */
            hits: number;
            /** Misses */
            misses: number;
            /**
             * Hit Rate
             * @default null
             */
            hit_rate?: number | null;
            /** Tokens Read */
            tokens_read: number;
            /** Tokens Written */
            tokens_written: number;
            /**
             * Token Rate
             * @description Tokens read from the cache over all tokens sent.
             * @default null
             */
            token_rate?: number | null;
            /**
             * Saved
             * @example 0.0042
             */
            saved: string;
        };
        /** ModelConsumption */
        ModelConsumption: {
            /**
             * Requests
             * @default 0
             */
            requests?: number;
            /**
             * Errors
             * @default 0
             */
            errors?: number;
            /**
             * Input
             * @default 0
             */
            input?: number;
            /**
             * Output
             * @default 0
             */
            output?: number;
            /**
             * Cache Read
             * @default 0
             */
            cache_read?: number;
            /**
             * Cache Write
             * @default 0
             */
            cache_write?: number;
            /**
             * Cost
             * @default 0
             * @example 0.0042
             */
            cost?: string;
            /**
             * Saved
             * @description What the provider's cache made cheaper.
             * @default 0
             * @example 0.0042
             */
            saved?: string;
            /**
             * Unpriced
             * @description Requests that used tokens and whose price nobody knows: `cost` is without them.
             * @default 0
             */
            unpriced?: number;
            /** Model */
            model: string;
        };
        /** ModelEfficiency */
        ModelEfficiency: {
            /** Provider */
            provider: string;
            /** Model */
            model: string;
            /** Total Turns */
            total_turns: number;
            /** Requests */
            requests: number;
            /** Error Rate */
            error_rate: number;
            /**
             * Output Density
             * @description Output tokens over input tokens.
             * @default null
             */
            output_density?: number | null;
            /**
             * Budget Utilization
             * @description Context used over context budget, on average.
             * @default null
             */
            budget_utilization?: number | null;
            /**
             * Memory Roi
             * @description How much of the memory, skill and knowledge tokens' share was in turns with a grade of 4 or 5.
             * @default null
             */
            memory_roi?: number | null;
            /**
             * System Prompt Weight
             * @description The system prompt's share of the context.
             * @default null
             */
            system_prompt_weight?: number | null;
            /**
             * Cache Hit Rate
             * @default null
             */
            cache_hit_rate?: number | null;
            /**
             * Context Pressure Rate
             * @description Requests that used over 80 % of their context budget.
             * @default null
             */
            context_pressure_rate?: number | null;
            /**
             * Average Ms
             * @default null
             */
            average_ms?: number | null;
            /**
             * P95 Ms
             * @default null
             */
            p95_ms?: number | null;
            /**
             * Average First Token Ms
             * @default null
             */
            average_first_token_ms?: number | null;
            /**
             * Tokens Per Second
             * @default null
             */
            tokens_per_second?: number | null;
            cost: components["schemas"]["EfficiencyCost"];
            trend: components["schemas"]["EfficiencyTrend"];
            quality: components["schemas"]["EfficiencyQuality"];
        };
        /** ModelList */
        ModelList: {
            /** Items */
            items: components["schemas"]["Model"][];
            /** Total */
            total: number;
            /**
             * Cached At
             * @description When the provider was asked; null where the list is built in or the user's.
             * @default null
             */
            cached_at?: string | null;
            /**
             * Error
             * @description Why the provider could not be asked, where it could not.
             * @default null
             */
            error?: string | null;
        };
        /** ModelName */
        ModelName: {
            /** Provider */
            provider: string;
            /** Model */
            model: string;
        };
        /**
         * ModelPrice
         * @description The user's own price of a model, in US dollars per million tokens.
         */
        ModelPrice: {
            /**
             * Input
             * @example 0.0042
             */
            input: string;
            /**
             * Output
             * @example 0.0042
             */
            output: string;
            /**
             * Cache Read
             * @default null
             */
            cache_read?: string | null;
            /**
             * Cache Write
             * @default null
             */
            cache_write?: string | null;
        };
        /**
         * ModelSelection
         * @description Why a model was asked, and not another.
         */
        ModelSelection: {
            /** Id */
            id: string;
            /**
             * Session Id
             * @default null
             */
            session_id?: string | null;
            /**
             * Turn Id
             * @default null
             */
            turn_id?: string | null;
            /**
             * Step
             * @description The model request before which it was chosen.
             * @default 0
             */
            step?: number;
            /**
             * Purpose
             * @default turn
             */
            purpose?: string;
            /** Provider */
            provider: string;
            /** Model */
            model: string;
            /**
             * Strategy
             * @enum {string}
             */
            strategy: "asked" | "session" | "default" | "auto" | "fallback" | "reflection";
            /** Reason */
            reason: string;
            /**
             * Complexity
             * @default null
             */
            complexity?: ("L0" | "L1" | "L2" | "L3") | null;
            /**
             * @description What would be asked without override or failure.
             * @default null
             */
            primary?: components["schemas"]["ModelName"] | null;
            /**
             * @description What the turn or session named.
             * @default null
             */
            override?: components["schemas"]["ModelName"] | null;
            /**
             * @description What failed or was not available.
             * @default null
             */
            fallback_from?: components["schemas"]["ModelName"] | null;
            /** Candidates */
            candidates?: components["schemas"]["Candidate"][];
            /**
             * Excerpt
             * @description The beginning of the user's message.
             * @default
             */
            excerpt?: string;
            /** Created At */
            created_at: string;
        };
        /**
         * ModelSettings
         * @description Sampling settings, passed to the provider where it knows them.
         */
        ModelSettings: {
            /**
             * Temperature
             * @default null
             */
            temperature?: number | null;
            /**
             * Top P
             * @default null
             */
            top_p?: number | null;
            /**
             * Max Output Tokens
             * @default null
             */
            max_output_tokens?: number | null;
            /**
             * Seed
             * @default null
             */
            seed?: number | null;
            /**
             * Stop
             * @default null
             */
            stop?: string[] | null;
        };
        /**
         * NetworkMetrics
         * @description Since the machine was started, over all interfaces.
         */
        NetworkMetrics: {
            /** Sent Bytes */
            sent_bytes: number;
            /** Received Bytes */
            received_bytes: number;
        };
        /** Page[Checkpoint] */
        Page_Checkpoint_: {
            /**
             * Items
             * @description The rows of this page, in the order asked for.
             */
            items: components["schemas"]["Checkpoint"][];
            /**
             * Total
             * @description How many rows match, over all pages.
             */
            total: number;
            /**
             * Limit
             * @description The most rows a page holds.
             */
            limit: number;
            /**
             * Offset
             * @description How many rows stand before this page.
             */
            offset: number;
        };
        /** Page[Credential] */
        Page_Credential_: {
            /**
             * Items
             * @description The rows of this page, in the order asked for.
             */
            items: components["schemas"]["Credential"][];
            /**
             * Total
             * @description How many rows match, over all pages.
             */
            total: number;
            /**
             * Limit
             * @description The most rows a page holds.
             */
            limit: number;
            /**
             * Offset
             * @description How many rows stand before this page.
             */
            offset: number;
        };
        /** Page[Feedback] */
        Page_Feedback_: {
            /**
             * Items
             * @description The rows of this page, in the order asked for.
             */
            items: components["schemas"]["Feedback"][];
            /**
             * Total
             * @description How many rows match, over all pages.
             */
            total: number;
            /**
             * Limit
             * @description The most rows a page holds.
             */
            limit: number;
            /**
             * Offset
             * @description How many rows stand before this page.
             */
            offset: number;
        };
        /** Page[LogRecord] */
        Page_LogRecord_: {
            /**
             * Items
             * @description The rows of this page, in the order asked for.
             */
            items: components["schemas"]["LogRecord"][];
            /**
             * Total
             * @description How many rows match, over all pages.
             */
            total: number;
            /**
             * Limit
             * @description The most rows a page holds.
             */
            limit: number;
            /**
             * Offset
             * @description How many rows stand before this page.
             */
            offset: number;
        };
        /** Page[Message] */
        Page_Message_: {
            /**
             * Items
             * @description The rows of this page, in the order asked for.
             */
            items: components["schemas"]["Message"][];
            /**
             * Total
             * @description How many rows match, over all pages.
             */
            total: number;
            /**
             * Limit
             * @description The most rows a page holds.
             */
            limit: number;
            /**
             * Offset
             * @description How many rows stand before this page.
             */
            offset: number;
        };
        /** Page[ModelSelection] */
        Page_ModelSelection_: {
            /**
             * Items
             * @description The rows of this page, in the order asked for.
             */
            items: components["schemas"]["ModelSelection"][];
            /**
             * Total
             * @description How many rows match, over all pages.
             */
            total: number;
            /**
             * Limit
             * @description The most rows a page holds.
             */
            limit: number;
            /**
             * Offset
             * @description How many rows stand before this page.
             */
            offset: number;
        };
        /** Page[Provider] */
        Page_Provider_: {
            /**
             * Items
             * @description The rows of this page, in the order asked for.
             */
            items: components["schemas"]["Provider"][];
            /**
             * Total
             * @description How many rows match, over all pages.
             */
            total: number;
            /**
             * Limit
             * @description The most rows a page holds.
             */
            limit: number;
            /**
             * Offset
             * @description How many rows stand before this page.
             */
            offset: number;
        };
        /** Page[Session] */
        Page_Session_: {
            /**
             * Items
             * @description The rows of this page, in the order asked for.
             */
            items: components["schemas"]["Session"][];
            /**
             * Total
             * @description How many rows match, over all pages.
             */
            total: number;
            /**
             * Limit
             * @description The most rows a page holds.
             */
            limit: number;
            /**
             * Offset
             * @description How many rows stand before this page.
             */
            offset: number;
        };
        /** Page[TraceSummary] */
        Page_TraceSummary_: {
            /**
             * Items
             * @description The rows of this page, in the order asked for.
             */
            items: components["schemas"]["TraceSummary"][];
            /**
             * Total
             * @description How many rows match, over all pages.
             */
            total: number;
            /**
             * Limit
             * @description The most rows a page holds.
             */
            limit: number;
            /**
             * Offset
             * @description How many rows stand before this page.
             */
            offset: number;
        };
        /** Page[Transaction] */
        Page_Transaction_: {
            /**
             * Items
             * @description The rows of this page, in the order asked for.
             */
            items: components["schemas"]["Transaction"][];
            /**
             * Total
             * @description How many rows match, over all pages.
             */
            total: number;
            /**
             * Limit
             * @description The most rows a page holds.
             */
            limit: number;
            /**
             * Offset
             * @description How many rows stand before this page.
             */
            offset: number;
        };
        /** Page[Turn] */
        Page_Turn_: {
            /**
             * Items
             * @description The rows of this page, in the order asked for.
             */
            items: components["schemas"]["Turn"][];
            /**
             * Total
             * @description How many rows match, over all pages.
             */
            total: number;
            /**
             * Limit
             * @description The most rows a page holds.
             */
            limit: number;
            /**
             * Offset
             * @description How many rows stand before this page.
             */
            offset: number;
        };
        /**
         * Policy
         * @description What the caller's agents may do.
         */
        Policy: {
            /**
             * Mode
             * @description Of sessions that have none of their own.
             * @enum {string}
             */
            mode: "read_only" | "ask" | "auto_edit" | "auto";
            /**
             * Rules
             * @description The caller's, those that approvals made included.
             */
            rules: components["schemas"]["PolicyRule-Output"][];
            /** Admin Rules */
            admin_rules?: components["schemas"]["PolicyRule-Output"][];
        };
        /**
         * PolicyAnswer
         * @description What the policy says to a call, and why.
         */
        PolicyAnswer: {
            /**
             * Decision
             * @enum {string}
             */
            decision: "allow" | "ask" | "deny";
            /**
             * Audit
             * @default false
             */
            audit?: boolean;
            /** Reason */
            reason: string;
            /**
             * @description The rule that decided; null where it was the mode.
             * @default null
             */
            rule?: components["schemas"]["PolicyRule-Output"] | null;
            /**
             * Mode
             * @enum {string}
             */
            mode: "read_only" | "ask" | "auto_edit" | "auto";
            /**
             * Asked By
             * @description Who asks, where the decision is to ask.
             * @default null
             */
            asked_by?: ("mode" | "rule" | "tool") | null;
            /**
             * Capabilities
             * @description What the call needs.
             */
            capabilities: ("read" | "notebook_edit" | "file_write" | "execute" | "shell" | "network" | "external_directory" | "secret" | "client")[];
            /**
             * Paths
             * @description What it touches, from the server's root.
             */
            paths?: string[];
        };
        /** PolicyDecision */
        PolicyDecision: {
            /** Id */
            id: string;
            /** Tool Call Id */
            tool_call_id: string;
            /** Tool Name */
            tool_name: string;
            /**
             * Decision
             * @enum {string}
             */
            decision: "allow" | "ask" | "deny";
            /**
             * Audit
             * @default false
             */
            audit?: boolean;
            /** @default null */
            rule?: components["schemas"]["PolicyRule-Output"] | null;
            /** Reason */
            reason: string;
            /** Created At */
            created_at: string;
        };
        /**
         * PolicyQuestion
         * @description A call that is only asked about.
         */
        PolicyQuestion: {
            /** Tool */
            tool: string;
            /** Arguments */
            arguments?: {
                [key: string]: unknown;
            };
            /**
             * Session Id
             * @default null
             */
            session_id?: string | null;
            /**
             * Mode
             * @description In place of the session's, or the caller's.
             * @default null
             */
            mode?: ("read_only" | "ask" | "auto_edit" | "auto") | null;
        };
        /**
         * PolicyRule
         * @description One rule. It counts for a call where everything that it names fits.
         */
        "PolicyRule-Input": {
            /**
             * Id
             * @default null
             */
            id?: string | null;
            /**
             * Effect
             * @enum {string}
             */
            effect: "allow" | "ask" | "deny" | "audit";
            /**
             * Tool
             * @description Name of the tool; `*` and `?` are wildcards.
             * @default *
             */
            tool?: string;
            /**
             * Arguments
             * @description Patterns, with `*` and `?`, for arguments by name; each has to fit the whole argument.
             */
            arguments?: {
                [key: string]: string;
            };
            /**
             * Path
             * @description Pattern for a path that the call touches, from the server's root.
             * @default null
             */
            path?: string | null;
            /**
             * Capability
             * @default null
             */
            capability?: ("read" | "notebook_edit" | "file_write" | "execute" | "shell" | "network" | "external_directory" | "secret" | "client") | null;
            /**
             * Session Id
             * @description The only session it counts for; null for all of the user's.
             * @default null
             */
            session_id?: string | null;
            /**
             * Comment
             * @default
             */
            comment?: string;
            /**
             * Source
             * @description Who made it. Rules of an administrator are read only and cannot be loosened.
             * @default user
             * @enum {string}
             */
            source?: "admin" | "user" | "approval";
            /**
             * Created At
             * @default null
             */
            created_at?: string | null;
        };
        /**
         * PolicyRule
         * @description One rule. It counts for a call where everything that it names fits.
         */
        "PolicyRule-Output": {
            /**
             * Id
             * @default null
             */
            id?: string | null;
            /**
             * Effect
             * @enum {string}
             */
            effect: "allow" | "ask" | "deny" | "audit";
            /**
             * Tool
             * @description Name of the tool; `*` and `?` are wildcards.
             * @default *
             */
            tool?: string;
            /**
             * Arguments
             * @description Patterns, with `*` and `?`, for arguments by name; each has to fit the whole argument.
             */
            arguments?: {
                [key: string]: string;
            };
            /**
             * Path
             * @description Pattern for a path that the call touches, from the server's root.
             * @default null
             */
            path?: string | null;
            /**
             * Capability
             * @default null
             */
            capability?: ("read" | "notebook_edit" | "file_write" | "execute" | "shell" | "network" | "external_directory" | "secret" | "client") | null;
            /**
             * Session Id
             * @description The only session it counts for; null for all of the user's.
             * @default null
             */
            session_id?: string | null;
            /**
             * Comment
             * @default
             */
            comment?: string;
            /**
             * Source
             * @description Who made it. Rules of an administrator are read only and cannot be loosened.
             * @default user
             * @enum {string}
             */
            source?: "admin" | "user" | "approval";
            /**
             * Created At
             * @default null
             */
            created_at?: string | null;
        };
        /**
         * PolicyUpdate
         * @description What is null stays as it is.
         */
        PolicyUpdate: {
            /**
             * Mode
             * @default null
             */
            mode?: ("read_only" | "ask" | "auto_edit" | "auto") | null;
            /**
             * Rules
             * @description All of the caller's rules, in place of those that were there.
             * @default null
             */
            rules?: components["schemas"]["PolicyRule-Input"][] | null;
        };
        /**
         * Profile
         * @description How somebody works, in the numbers that the rules look at. Turns, sessions, costs, tokens and cache are of the
         *     whole period; what else there is to tell of turns is of its newest 500.
         */
        Profile: {
            /**
             * Turns
             * @default 0
             */
            turns?: number;
            /**
             * Sessions
             * @default 0
             */
            sessions?: number;
            /**
             * Total Cost
             * @default 0
             * @example 0.0042
             */
            total_cost?: string;
            /**
             * Average Cost
             * @default null
             */
            average_cost?: string | null;
            /**
             * Average Input Tokens
             * @default 0
             */
            average_input_tokens?: number;
            /**
             * Average Output Tokens
             * @default 0
             */
            average_output_tokens?: number;
            /**
             * Average Message Characters
             * @default 0
             */
            average_message_characters?: number;
            /**
             * Turns Per Session
             * @default 0
             */
            turns_per_session?: number;
            /**
             * Models
             * @description Turns by `provider/model`.
             */
            models?: {
                [key: string]: number;
            };
            /**
             * Complexity
             * @description Turns by complexity.
             */
            complexity?: {
                [key: string]: number;
            };
            /**
             * Tool Calls
             * @default 0
             */
            tool_calls?: number;
            /**
             * Tool Success Rate
             * @default null
             */
            tool_success_rate?: number | null;
            /**
             * Cache Hit Rate
             * @default null
             */
            cache_hit_rate?: number | null;
            /**
             * Average Budget Utilization
             * @default null
             */
            average_budget_utilization?: number | null;
            /**
             * Context Pressure Rate
             * @description Turns that used over 80 % of their context budget, over all turns with one.
             * @default null
             */
            context_pressure_rate?: number | null;
            /**
             * Memory Rate
             * @description Turns with something of a memory, skill or knowledge base in their context.
             * @default null
             */
            memory_rate?: number | null;
            /**
             * Average Grade
             * @default null
             */
            average_grade?: number | null;
            /**
             * Grade Coverage
             * @default 0
             */
            grade_coverage?: number;
            /**
             * Retry Rate
             * @default 0
             */
            retry_rate?: number;
            /**
             * Error Rate
             * @default 0
             */
            error_rate?: number;
        };
        /**
         * Provider
         * @description Where models come from.
         */
        Provider: {
            /** Id */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "local" | "openai" | "openai_compatible" | "anthropic" | "google" | "ollama";
            /** Name */
            name: string;
            /**
             * Base Url
             * @default null
             */
            base_url?: string | null;
            /**
             * Api Key
             * @description "***" where there is a key, wherever it comes from.
             * @default null
             */
            api_key?: "***" | null;
            /**
             * Key Source
             * @enum {string}
             */
            key_source: "none" | "stored" | "environment" | "not_needed";
            /**
             * Key Env
             * @description The environment variable that is read for the key.
             * @default null
             */
            key_env?: string | null;
            /**
             * Headers
             * @description Extra headers; their values are secrets.
             */
            headers?: {
                [key: string]: "***";
            };
            /**
             * Enabled
             * @default true
             */
            enabled?: boolean;
            /**
             * Is Default
             * @default false
             */
            is_default?: boolean;
            /**
             * Default Model
             * @description As the user chose it; null where nobody did.
             * @default null
             */
            default_model?: string | null;
            /**
             * Models
             * @description Models named by the user, listed before those the provider names itself.
             */
            models?: string[];
            /**
             * Prices
             * @description Model id to price; counts before the public price list.
             */
            prices?: {
                [key: string]: components["schemas"]["ModelPrice"];
            };
            options?: components["schemas"]["ProviderOptions"];
            /**
             * Builtin
             * @description True for those that are always there; they can be changed, not deleted.
             * @default false
             */
            builtin?: boolean;
            /**
             * State
             * @description Known without a call; `verify` makes a call.
             * @enum {string}
             */
            state: "ready" | "needs_key" | "needs_package" | "needs_model" | "disabled";
            /**
             * Next Action
             * @description What to do about a state that is not ready, in one sentence.
             * @default null
             */
            next_action?: string | null;
            /**
             * Verified At
             * @default null
             */
            verified_at?: string | null;
            /**
             * Created At
             * @default null
             */
            created_at?: string | null;
            /**
             * Updated At
             * @default null
             */
            updated_at?: string | null;
        };
        /**
         * ProviderCapacity
         * @description What was used in the last minute against the provider's limits.
         */
        ProviderCapacity: {
            /** Provider */
            provider: string;
            /** Name */
            name: string;
            /** Tokens Used */
            tokens_used: number;
            /** Requests Used */
            requests_used: number;
            /**
             * Tpm Limit
             * @description Tokens a minute: as the provider says in its answers, else as it is configured; null where nobody knows.
             * @default null
             */
            tpm_limit?: number | null;
            /**
             * Rpm Limit
             * @description Requests a minute.
             * @default null
             */
            rpm_limit?: number | null;
            /**
             * Limit Source
             * @default null
             */
            limit_source?: ("provider" | "settings") | null;
            /**
             * Token Utilization
             * @default null
             */
            token_utilization?: number | null;
            /**
             * Request Utilization
             * @default null
             */
            request_utilization?: number | null;
            /**
             * Headroom
             * @description What is left of the tighter limit, 0 to 1.
             * @default null
             */
            headroom?: number | null;
            /**
             * Near Capacity
             * @description Whether less than a tenth is left.
             * @default false
             */
            near_capacity?: boolean;
            /**
             * Sustained Hot
             * @description Whether that was so in each of the last three minutes.
             * @default false
             */
            sustained_hot?: boolean;
            /**
             * Resets At
             * @default null
             */
            resets_at?: string | null;
            /**
             * State
             * @description Of its breaker.
             * @default closed
             * @enum {string}
             */
            state?: "closed" | "open" | "half_open";
        };
        /** ProviderConsumption */
        ProviderConsumption: {
            /**
             * Requests
             * @default 0
             */
            requests?: number;
            /**
             * Errors
             * @default 0
             */
            errors?: number;
            /**
             * Input
             * @default 0
             */
            input?: number;
            /**
             * Output
             * @default 0
             */
            output?: number;
            /**
             * Cache Read
             * @default 0
             */
            cache_read?: number;
            /**
             * Cache Write
             * @default 0
             */
            cache_write?: number;
            /**
             * Cost
             * @default 0
             * @example 0.0042
             */
            cost?: string;
            /**
             * Saved
             * @description What the provider's cache made cheaper.
             * @default 0
             * @example 0.0042
             */
            saved?: string;
            /**
             * Unpriced
             * @description Requests that used tokens and whose price nobody knows: `cost` is without them.
             * @default 0
             */
            unpriced?: number;
            /** Provider */
            provider: string;
            /** Models */
            models: components["schemas"]["ModelConsumption"][];
        };
        /** ProviderCreate */
        ProviderCreate: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "local" | "openai" | "openai_compatible" | "anthropic" | "google" | "ollama";
            /** Name */
            name: string;
            /**
             * Base Url
             * @description Where its API is; null for the kind's own address. The key and the headers must be given again with another
             *     host: what is stored is never sent to a host that it was not meant for.
             * @default null
             */
            base_url?: string | null;
            /**
             * Api Key
             * @default null
             */
            api_key?: string | null;
            /** Headers */
            headers?: {
                [key: string]: string;
            };
            /**
             * Enabled
             * @default true
             */
            enabled?: boolean;
            /**
             * Default Model
             * @default null
             */
            default_model?: string | null;
            /** Models */
            models?: string[];
            /** Prices */
            prices?: {
                [key: string]: components["schemas"]["ModelPrice"];
            };
            options?: components["schemas"]["ProviderOptions"];
            /**
             * Id
             * @description Null makes one from the name.
             * @default null
             */
            id?: string | null;
        };
        /** ProviderKey */
        ProviderKey: {
            /** Api Key */
            api_key: string;
        };
        /**
         * ProviderOptions
         * @description What nobody but the user can know of a provider. Null leaves it to what is known of its models.
         */
        ProviderOptions: {
            /**
             * Api
             * @description OpenAI's Chat Completions or Responses. Null: Responses at `openai`, Chat Completions elsewhere.
             * @default null
             */
            api?: ("chat" | "responses") | null;
            /**
             * Supports Tools
             * @default null
             */
            supports_tools?: boolean | null;
            /**
             * Supports Images
             * @default null
             */
            supports_images?: boolean | null;
            /**
             * Context Window
             * @description Tokens.
             * @default null
             */
            context_window?: number | null;
            /**
             * Tpm
             * @description Tokens a minute that it allows; counts where it does not say so itself in its answers.
             * @default null
             */
            tpm?: number | null;
            /**
             * Rpm
             * @description Requests a minute that it allows; as `tpm`.
             * @default null
             */
            rpm?: number | null;
        };
        /**
         * ProviderQuota
         * @description What a provider allows, and what was used of it.
         */
        ProviderQuota: {
            /** Provider */
            provider: string;
            /** Name */
            name: string;
            /**
             * Limits
             * @description Empty where nobody said.
             */
            limits: components["schemas"]["RateLimit"][];
            /** @description By all who use the provider's key through this server and others on its database. */
            last_minute: components["schemas"]["QuotaUse"];
            /**
             * Headroom
             * @description What is left of the tightest limit, 0 to 1.
             * @default null
             */
            headroom?: number | null;
            /**
             * State
             * @enum {string}
             */
            state: "closed" | "open" | "half_open";
            /** @description What the caller used since the day began (`budgets.timezone`). */
            today: components["schemas"]["Usage"];
        };
        /** ProviderQuotas */
        ProviderQuotas: {
            /** Items */
            items: components["schemas"]["ProviderQuota"][];
        };
        /**
         * ProviderWrite
         * @description A whole provider. `"***"` as key or header value keeps what is stored; null as key removes nothing.
         */
        ProviderWrite: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "local" | "openai" | "openai_compatible" | "anthropic" | "google" | "ollama";
            /** Name */
            name: string;
            /**
             * Base Url
             * @description Where its API is; null for the kind's own address. The key and the headers must be given again with another
             *     host: what is stored is never sent to a host that it was not meant for.
             * @default null
             */
            base_url?: string | null;
            /**
             * Api Key
             * @default null
             */
            api_key?: string | null;
            /** Headers */
            headers?: {
                [key: string]: string;
            };
            /**
             * Enabled
             * @default true
             */
            enabled?: boolean;
            /**
             * Default Model
             * @default null
             */
            default_model?: string | null;
            /** Models */
            models?: string[];
            /** Prices */
            prices?: {
                [key: string]: components["schemas"]["ModelPrice"];
            };
            options?: components["schemas"]["ProviderOptions"];
        };
        /** QuotaUse */
        QuotaUse: {
            /**
             * Requests
             * @default 0
             */
            requests?: number;
            /**
             * Tokens
             * @default 0
             */
            tokens?: number;
        };
        /**
         * RateLimit
         * @description A limit of a provider's.
         */
        RateLimit: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "requests" | "tokens" | "input_tokens" | "output_tokens";
            /**
             * Limit
             * @default null
             */
            limit?: number | null;
            /**
             * Remaining
             * @description As its last answer said; null where that was too long ago.
             * @default null
             */
            remaining?: number | null;
            /**
             * Window Seconds
             * @description What time the limit is for, where that is known: 60 for one a minute.
             * @default null
             */
            window_seconds?: number | null;
            /**
             * Resets At
             * @description When all of it is there again.
             * @default null
             */
            resets_at?: string | null;
            /**
             * Source
             * @description `provider`: the headers of its answers; `settings`: the provider's `options`.
             * @enum {string}
             */
            source: "provider" | "settings";
            /**
             * Seen At
             * @description When the answer came.
             * @default null
             */
            seen_at?: string | null;
        };
        /**
         * ReadinessItem
         * @description One line of the readiness list, with what to do about it.
         */
        ReadinessItem: {
            /** Id */
            id: string;
            /** Title */
            title: string;
            /**
             * Status
             * @enum {string}
             */
            status: "ok" | "warning" | "error";
            /** Detail */
            detail: string;
            /**
             * Next Action
             * @default null
             */
            next_action?: string | null;
            /**
             * Action
             * @description Null where no button can do it.
             * @default null
             */
            action?: ("add_key" | "choose_provider" | "fetch_model" | "open_settings") | null;
        };
        /** Recommendation */
        Recommendation: {
            /** Rule */
            rule: string;
            /**
             * Category
             * @enum {string}
             */
            category: "query_crafting" | "model_selection" | "session_management" | "memory_leverage" | "cost_optimization" | "tool_usage" | "configuration";
            /**
             * Priority
             * @enum {string}
             */
            priority: "high" | "medium" | "low";
            /** Title */
            title: string;
            /** Explanation */
            explanation: string;
            /** Action */
            action: string;
            /** Evidence */
            evidence?: components["schemas"]["Evidence"][];
            estimated_impact?: components["schemas"]["Impact"];
            /** @default null */
            do?: components["schemas"]["Action"] | null;
        };
        /** Recommendations */
        Recommendations: {
            /** Period */
            period: string;
            profile: components["schemas"]["Profile"];
            /**
             * Recommendations
             * @description The most important first.
             */
            recommendations: components["schemas"]["Recommendation"][];
            /** Count */
            count: number;
            /**
             * @description The newest one that was asked for, of this period.
             * @default null
             */
            analysis?: components["schemas"]["Analysis"] | null;
        };
        /**
         * Resend
         * @description A user's message again, changed or not; what is null stays as it was.
         */
        Resend: {
            /**
             * Message
             * @description Another text in place of the first (edit and resend).
             * @default null
             */
            message?: string | null;
            /**
             * Parts
             * @description Other pictures and context in place of the first ones; [] for none.
             * @default null
             */
            parts?: (components["schemas"]["TextPart"] | components["schemas"]["ImagePart"] | components["schemas"]["ContextPart"])[] | null;
            /**
             * Provider
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
        };
        /**
         * Retrieved
         * @description Something that was looked for, and found worth sending.
         */
        Retrieved: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "memory" | "knowledge" | "skill" | "notebook" | "cell" | "selection" | "file" | "variable" | "text";
            /**
             * Id
             * @default null
             */
            id?: string | null;
            /** Name */
            name: string;
            /**
             * Path
             * @default null
             */
            path?: string | null;
            /**
             * Score
             * @description 0 to 1; null for what somebody attached and nobody had to look for.
             * @default null
             */
            score?: number | null;
            /** Tokens */
            tokens: number;
            /**
             * Excerpt
             * @description Its beginning, 200 characters at the most.
             * @default
             */
            excerpt?: string;
        };
        /**
         * Retry
         * @description Overrides for the second try; what is null stays as it was.
         */
        Retry: {
            /**
             * Message
             * @description Another text in place of the first (edit and resend).
             * @default null
             */
            message?: string | null;
            /**
             * Parts
             * @description Other pictures and context in place of the first ones; [] for none.
             * @default null
             */
            parts?: (components["schemas"]["TextPart"] | components["schemas"]["ImagePart"] | components["schemas"]["ContextPart"])[] | null;
            /**
             * Provider
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
        };
        /**
         * Run
         * @description One shot for automation: a session (new, or one to resume), one turn, its answer.
         */
        Run: {
            /**
             * Message
             * @description The user's text.
             * @default
             */
            message?: string;
            /**
             * Parts
             * @description More of the message: pictures (3 at the most) and context.
             */
            parts?: (components["schemas"]["TextPart"] | components["schemas"]["ImagePart"] | components["schemas"]["ContextPart"])[];
            /**
             * Agent
             * @description The agent to use; null for the default one.
             * @default null
             */
            agent?: string | null;
            /**
             * Provider
             * @description Id of the provider; null for the session's, else the default one.
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @description Id of the model at that provider; null for the session's, else the provider's default.
             * @default null
             */
            model?: string | null;
            /**
             * Tools
             * @description Names of the tools the model may use; null for all that are there, [] for none.
             * @default null
             */
            tools?: string[] | null;
            /**
             * Mode
             * @description How much it may do without asking; null for the session's.
             * @default null
             */
            mode?: ("read_only" | "ask" | "auto_edit" | "auto") | null;
            /**
             * Client Tools
             * @description Tools that the caller runs: called by `client_tool_call`, answered by `POST /turns/{id}/tool-results`.
             */
            client_tools?: components["schemas"]["ClientTool"][];
            /**
             * Notebook
             * @description The notebook that is meant where a tool names none; null for the session's.
             * @default null
             */
            notebook?: string | null;
            /**
             * Waiting Kernel
             * @description Id of the kernel whose cell waits for this turn. It can do nothing else meanwhile: what would need it is refused,
             *     or done by the cell's `client_tools`.
             * @default null
             */
            waiting_kernel?: string | null;
            /**
             * System Prefix
             * @description Text put before the system prompt.
             * @default null
             */
            system_prefix?: string | null;
            /**
             * Max Steps
             * @description Model requests at the most.
             * @default null
             */
            max_steps?: number | null;
            /**
             * Thinking
             * @description How much the model should think, where it can.
             * @default null
             */
            thinking?: ("minimal" | "low" | "medium" | "high" | "off") | null;
            /**
             * Reflection
             * @description A first pass writes a preliminary report (by another provider where there is one); the answer builds on it.
             * @default false
             */
            reflection?: boolean;
            /**
             * Context Budget
             * @description Tokens of context at the most; the oldest history is left out first.
             * @default null
             */
            context_budget?: number | null;
            /**
             * Budget
             * @description US dollars at the most; reached, the turn stops before its next model request.
             * @default null
             */
            budget?: string | null;
            /**
             * Timeout Seconds
             * @default null
             */
            timeout_seconds?: number | null;
            /** @default null */
            settings?: components["schemas"]["ModelSettings"] | null;
            /**
             * Metadata
             * @description Kept with the turn, never sent to the model.
             */
            metadata?: {
                [key: string]: unknown;
            };
            /**
             * Session Id
             * @description The session to go on with; null makes a new one.
             * @default null
             */
            session_id?: string | null;
            /**
             * Title
             * @default null
             */
            title?: string | null;
            /**
             * Stream
             * @description True answers with the turn's event stream.
             * @default false
             */
            stream?: boolean;
        };
        /** RunResult */
        RunResult: {
            /** Session Id */
            session_id: string;
            turn: components["schemas"]["Turn"];
            /**
             * Text
             * @description The agent's answer.
             */
            text: string;
        };
        /**
         * Scores
         * @description 0 to 1 each, 1 the best; null where nothing is known.
         */
        Scores: {
            /**
             * Efficacy
             * @description Grades it was given, and requests that did not fail.
             * @default null
             */
            efficacy?: number | null;
            /**
             * Cost
             * @default null
             */
            cost?: number | null;
            /**
             * Availability
             * @description Its provider's breaker, and what is left of its limits.
             * @default null
             */
            availability?: number | null;
            /**
             * Locality
             * @default null
             */
            locality?: number | null;
            /**
             * Confidence
             * @description How much is known: grows with the requests made.
             * @default null
             */
            confidence?: number | null;
            /**
             * Speed
             * @default null
             */
            speed?: number | null;
        };
        /** SearchHit */
        SearchHit: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "title" | "message" | "tool_result";
            /** Session Id */
            session_id: string;
            /** Session Title */
            session_title: string;
            /**
             * Turn Id
             * @default null
             */
            turn_id?: string | null;
            /**
             * Message Id
             * @default null
             */
            message_id?: string | null;
            /**
             * Role
             * @default null
             */
            role?: string | null;
            /**
             * Snippet
             * @description Text around the match; matches stand between U+E000 and U+E001, so that no markup of the text can be mistaken.
             */
            snippet: string;
            /**
             * Score
             * @description Larger is better; comparable within one answer only.
             */
            score: number;
            /** Created At */
            created_at: string;
        };
        /**
         * SearchPage
         * @description Hits, best first.
         */
        SearchPage: {
            /**
             * Items
             * @description The rows of this page, in the order asked for.
             */
            items: components["schemas"]["SearchHit"][];
            /**
             * Total
             * @description How many rows match, over all pages.
             */
            total: number;
            /**
             * Limit
             * @description The most rows a page holds.
             */
            limit: number;
            /**
             * Offset
             * @description How many rows stand before this page.
             */
            offset: number;
            /**
             * Capped
             * @description True where there are more matches than `total`: only that many, the newest, were ranked.
             * @default false
             */
            capped?: boolean;
        };
        /**
         * Session
         * @description A conversation and who owns it.
         */
        Session: {
            /** Id */
            id: string;
            /** Owner */
            owner: string;
            /**
             * Title
             * @description Empty until somebody, or the model, gave one.
             */
            title: string;
            /**
             * Title Source
             * @default none
             * @enum {string}
             */
            title_source?: "none" | "user" | "model" | "message";
            /**
             * Status
             * @enum {string}
             */
            status: "active" | "idle" | "archived" | "terminated";
            /**
             * Channel
             * @description Where it came from: lab, notebook, api, openai, telegram ...
             * @default api
             */
            channel?: string;
            /**
             * Agent
             * @default null
             */
            agent?: string | null;
            /**
             * Project
             * @default null
             */
            project?: string | null;
            /**
             * Notebook
             * @default null
             */
            notebook?: string | null;
            /**
             * Provider
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
            /**
             * Parent Id
             * @description The session this one branched from.
             * @default null
             */
            parent_id?: string | null;
            /**
             * Branched From Turn Id
             * @default null
             */
            branched_from_turn_id?: string | null;
            /**
             * Branched
             * @description Whether the conversation, of which this is one version, is a branch of another one.
             * @default false
             */
            branched?: boolean;
            /**
             * Conversation Id
             * @description What a message was sent again in, and what came of it, are versions of one conversation and share this: the id of
             *     the first session. A branch that was asked for is a conversation of its own.
             */
            conversation_id: string;
            /**
             * Version Count
             * @description Versions of the conversation that are not terminated, this one included.
             * @default 1
             */
            version_count?: number;
            /**
             * Message Count
             * @default 0
             */
            message_count?: number;
            /**
             * Turn Count
             * @default 0
             */
            turn_count?: number;
            /**
             * Running Turn Id
             * @default null
             */
            running_turn_id?: string | null;
            /**
             * Waiting
             * @description Whether its turn waits for a person: an approval is to be answered.
             * @default false
             */
            waiting?: boolean;
            /**
             * Mode
             * @description How much its agent may do without asking; null for the user's own mode (`GET /policy`).
             * @default null
             */
            mode?: ("read_only" | "ask" | "auto_edit" | "auto") | null;
            usage: components["schemas"]["Usage"];
            /**
             * Preview
             * @description The first 200 characters of the last message.
             * @default
             */
            preview?: string;
            /**
             * Shared
             * @default false
             */
            shared?: boolean;
            /** Metadata */
            metadata?: {
                [key: string]: unknown;
            };
            /** Created At */
            created_at: string;
            /** Updated At */
            updated_at: string;
            /** Last Activity At */
            last_activity_at: string;
        };
        /** SessionConsumption */
        SessionConsumption: {
            /**
             * Requests
             * @default 0
             */
            requests?: number;
            /**
             * Errors
             * @default 0
             */
            errors?: number;
            /**
             * Input
             * @default 0
             */
            input?: number;
            /**
             * Output
             * @default 0
             */
            output?: number;
            /**
             * Cache Read
             * @default 0
             */
            cache_read?: number;
            /**
             * Cache Write
             * @default 0
             */
            cache_write?: number;
            /**
             * Cost
             * @default 0
             * @example 0.0042
             */
            cost?: string;
            /**
             * Saved
             * @description What the provider's cache made cheaper.
             * @default 0
             * @example 0.0042
             */
            saved?: string;
            /**
             * Unpriced
             * @description Requests that used tokens and whose price nobody knows: `cost` is without them.
             * @default 0
             */
            unpriced?: number;
            /**
             * Session Id
             * @description Null for requests of no session.
             */
            session_id: string | null;
            /**
             * Title
             * @default null
             */
            title?: string | null;
            /**
             * Last At
             * @default null
             */
            last_at?: string | null;
        };
        /** SessionCreate */
        SessionCreate: {
            /**
             * Title
             * @default null
             */
            title?: string | null;
            /**
             * Channel
             * @default api
             */
            channel?: string;
            /**
             * Agent
             * @default null
             */
            agent?: string | null;
            /**
             * Project
             * @default null
             */
            project?: string | null;
            /**
             * Notebook
             * @default null
             */
            notebook?: string | null;
            /**
             * Provider
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
            /**
             * Mode
             * @description How much its agent may do without asking; null for the user's own mode.
             * @default null
             */
            mode?: ("read_only" | "ask" | "auto_edit" | "auto") | null;
            /** Metadata */
            metadata?: {
                [key: string]: unknown;
            };
        };
        /**
         * SessionExport
         * @description A session as a file; what `POST /sessions/import` takes. It names no owner, no session and no turn.
         */
        SessionExport: {
            /**
             * Format
             * @constant
             */
            format: "jupyter-agent-session";
            /**
             * Version
             * @constant
             */
            version: 1;
            session: components["schemas"]["ExportedSession"];
            /** Messages */
            messages: components["schemas"]["ExportedMessage"][];
            /**
             * Blobs
             * @description The blobs that the messages name, by the id they have there.
             */
            blobs?: {
                [key: string]: components["schemas"]["ExportedBlob"];
            };
        };
        /** SessionInsights */
        SessionInsights: {
            /** Session Id */
            session_id: string;
            /**
             * Insights
             * @description The most severe first.
             */
            insights: components["schemas"]["Tip"][];
            /** Insight Count */
            insight_count: number;
            /** Turn Count */
            turn_count: number;
            usage: components["schemas"]["Usage"];
            /**
             * Average Grade
             * @default null
             */
            average_grade?: number | null;
            /**
             * Tool Calls
             * @default 0
             */
            tool_calls?: number;
            /**
             * Tool Failures
             * @default 0
             */
            tool_failures?: number;
            /** @default null */
            analysis?: components["schemas"]["Analysis"] | null;
        };
        /**
         * SessionPatch
         * @description Only the fields that are sent change; `archived` moves a session in and out of the archive.
         */
        SessionPatch: {
            /**
             * Title
             * @default null
             */
            title?: string | null;
            /**
             * Archived
             * @default null
             */
            archived?: boolean | null;
            /**
             * Project
             * @default null
             */
            project?: string | null;
            /**
             * Notebook
             * @default null
             */
            notebook?: string | null;
            /**
             * Provider
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
            /**
             * Mode
             * @description Counts from the next call on; null for the user's own mode.
             * @default null
             */
            mode?: ("read_only" | "ask" | "auto_edit" | "auto") | null;
            /**
             * Metadata
             * @description Replaces the metadata as a whole.
             * @default null
             */
            metadata?: {
                [key: string]: unknown;
            } | null;
        };
        /** Share */
        Share: {
            /**
             * Token
             * @description Whoever is let into the server and knows it can read the session.
             */
            token: string;
            /**
             * Path
             * @description Path of the read-only view, below the server's base URL.
             */
            path: string;
            /** Created At */
            created_at: string;
        };
        /**
         * SharedSession
         * @description The read-only view of a shared session.
         */
        SharedSession: {
            /** Title */
            title: string;
            /** Created At */
            created_at: string;
            /** Messages */
            messages: components["schemas"]["Message"][];
            /** Total */
            total: number;
            /** Limit */
            limit: number;
            /** Offset */
            offset: number;
        };
        /**
         * Span
         * @description Something that took time.
         */
        Span: {
            /**
             * Id
             * @description 16 hexadecimal digits, as in OpenTelemetry.
             */
            id: string;
            /**
             * Parent Id
             * @default null
             */
            parent_id?: string | null;
            /**
             * Kind
             * @enum {string}
             */
            kind: "turn" | "queue" | "request" | "tool" | "approval" | "client" | "compaction";
            /**
             * Name
             * @description As the conventions of OpenTelemetry for generative AI name it: `chat gpt-5-mini`, `execute_tool edit_cell`.
             */
            name: string;
            /** Started At */
            started_at: string;
            /**
             * Finished At
             * @default null
             */
            finished_at?: string | null;
            /**
             * Duration Ms
             * @description Null while it runs.
             * @default null
             */
            duration_ms?: number | null;
            /**
             * Status
             * @default unset
             * @enum {string}
             */
            status?: "ok" | "error" | "unset";
            /**
             * Message
             * @description What went wrong.
             * @default
             */
            message?: string;
            /**
             * Attributes
             * @description `gen_ai.operation.name`, `gen_ai.request.model`, `gen_ai.usage.input_tokens` ...
             */
            attributes?: {
                [key: string]: unknown;
            };
            /**
             * Ref
             * @description Id of the request, call or approval that it shows.
             * @default null
             */
            ref?: string | null;
        };
        /** Status */
        Status: {
            /**
             * Status
             * @enum {string}
             */
            status: "ok" | "degraded";
            /** Version */
            version: string;
            /** Uptime Seconds */
            uptime_seconds: number;
            /** Running Turns */
            running_turns: number;
            /** Sessions */
            sessions: number;
            /**
             * Storage
             * @enum {string}
             */
            storage: "sqlite" | "postgresql";
            /** Storage Ok */
            storage_ok: boolean;
            /**
             * Memory Bytes
             * @description Resident memory of the server process.
             */
            memory_bytes: number;
            /** Readiness */
            readiness: components["schemas"]["ReadinessItem"][];
        };
        /** Summarize */
        Summarize: {
            /**
             * Keep Last
             * @description Messages at the end that stay as they are.
             * @default 2
             */
            keep_last?: number;
            /**
             * Instructions
             * @default null
             */
            instructions?: string | null;
            /**
             * Provider
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
        };
        /** Summary */
        Summary: {
            /** Session Id */
            session_id: string;
            /** @description The summary, now standing for the older messages in what the model reads. */
            message: components["schemas"]["Message"];
            /** Summarized Messages */
            summarized_messages: number;
            usage: components["schemas"]["Usage"];
        };
        /**
         * SystemInfo
         * @description The machine that the server runs on.
         */
        SystemInfo: {
            /**
             * Os
             * @description Linux, Darwin, Windows ...
             */
            os: string;
            /**
             * Os Name
             * @description The distribution's or system's own name and version.
             */
            os_name: string;
            /**
             * Os Release
             * @description Version of the kernel.
             */
            os_release: string;
            /** Arch */
            arch: string;
            /** Hostname */
            hostname: string;
            /**
             * Wsl
             * @description Whether this Linux is the Windows Subsystem for Linux.
             */
            wsl: boolean;
            /**
             * Container
             * @description Whether it looks like a container from inside.
             */
            container: boolean;
            /** Python */
            python: string;
            /** Python Path */
            python_path: string;
            /**
             * Shell
             * @description The shell of the user that the server runs as.
             */
            shell: string | null;
            /** User */
            user: string;
            /** Root */
            root: boolean;
            /**
             * Sudo
             * @description Whether there is a sudo or doas command; whether agents may use it is `sudo_allowed` in `GET /info`.
             */
            sudo: boolean;
            /**
             * Cpus
             * @description Logical ones that this process may use.
             */
            cpus: number;
            /** Memory Bytes */
            memory_bytes: number;
            /** Timezone */
            timezone: string;
        };
        /**
         * SystemMetrics
         * @description What the machine and this server's process use at this moment. Percentages are 0 to 100.
         */
        SystemMetrics: {
            /** Time */
            time: string;
            /** Cpu Percent */
            cpu_percent: number;
            /**
             * Cpu Percents
             * @description One for each logical CPU.
             */
            cpu_percents: number[];
            /**
             * Load Average
             * @description Over 1, 5 and 15 minutes; empty where the system has none.
             */
            load_average: number[];
            /** Memory Total Bytes */
            memory_total_bytes: number;
            /** Memory Used Bytes */
            memory_used_bytes: number;
            /** Memory Available Bytes */
            memory_available_bytes: number;
            /** Memory Percent */
            memory_percent: number;
            /** Swap Total Bytes */
            swap_total_bytes: number;
            /** Swap Used Bytes */
            swap_used_bytes: number;
            /**
             * Disks
             * @description Those that hold the data directory and the server's root folder.
             */
            disks: components["schemas"]["DiskMetrics"][];
            /** @description Null where the system does not tell. */
            network: components["schemas"]["NetworkMetrics"] | null;
            /** Process Memory Bytes */
            process_memory_bytes: number;
            /** Process Cpu Percent */
            process_cpu_percent: number;
            /** Process Threads */
            process_threads: number;
            /** Process Uptime Seconds */
            process_uptime_seconds: number;
        };
        /** Task */
        Task: {
            /** Id */
            id: string;
            /** Title */
            title: string;
            /**
             * Status
             * @default pending
             * @enum {string}
             */
            status?: "pending" | "in_progress" | "completed" | "cancelled";
        };
        /** TaskList */
        TaskList: {
            /** Session Id */
            session_id: string;
            /**
             * Turn Id
             * @default null
             */
            turn_id?: string | null;
            /** Items */
            items: components["schemas"]["Task"][];
            /**
             * Progress
             * @description Completed tasks over all that were not cancelled, 0 to 1; 0 where there are none.
             */
            progress: number;
        };
        /** Terminated */
        Terminated: {
            /** Id */
            id: string;
            /**
             * Status
             * @enum {string}
             */
            status: "terminated" | "purged";
        };
        /** TextPart */
        TextPart: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "text";
            /** Text */
            text: string;
        };
        /** ThinkingPart */
        ThinkingPart: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "thinking";
            /** Text */
            text: string;
            /**
             * Duration Ms
             * @default null
             */
            duration_ms?: number | null;
        };
        /**
         * TimeSeries
         * @description One number for each hour, the current one last.
         */
        TimeSeries: {
            /** Hours */
            hours: number;
            /** Timezone */
            timezone: string;
            /**
             * Labels
             * @description `HH:00`
             */
            labels: string[];
            /** Times */
            times: string[];
            /** Cost */
            cost: string[];
            /** Tokens */
            tokens: number[];
            /** Requests */
            requests: number[];
            /**
             * Sessions
             * @description Sessions in which something was asked.
             */
            sessions: number[];
            /** Errors */
            errors: number[];
            /** Latency P50 Ms */
            latency_p50_ms: (number | null)[];
        };
        /** Tip */
        Tip: {
            /**
             * Severity
             * @enum {string}
             */
            severity: "info" | "warning" | "critical";
            /**
             * Category
             * @enum {string}
             */
            category: "budget" | "memory" | "prompt" | "tools" | "cost" | "quality";
            /**
             * Rule
             * @description The rule's name, such as `budget_pressure`.
             */
            rule: string;
            /** Message */
            message: string;
            /** Suggestion */
            suggestion: string;
            /** Evidence */
            evidence?: components["schemas"]["Evidence"][];
            /** @default null */
            action?: components["schemas"]["Action"] | null;
        };
        /** TitledSession */
        TitledSession: {
            /** Id */
            id: string;
            /** Title */
            title: string;
        };
        /** Titles */
        Titles: {
            /**
             * Session Ids
             * @description Null for every untitled session that has messages.
             * @default null
             */
            session_ids?: string[] | null;
            /**
             * Limit
             * @default 20
             */
            limit?: number;
        };
        /** TitlesResult */
        TitlesResult: {
            /** Items */
            items: components["schemas"]["TitledSession"][];
            /**
             * Failed
             * @description Session id to the reason.
             */
            failed?: {
                [key: string]: string;
            };
        };
        /**
         * ToolCall
         * @description A tool used directly, under the same policy as an agent's.
         */
        ToolCall: {
            /** Arguments */
            arguments?: {
                [key: string]: unknown;
            };
            /**
             * Session Id
             * @description The session whose mode and rules count, and whose notebook is meant; null for the caller's own policy.
             * @default null
             */
            session_id?: string | null;
            /**
             * Approved
             * @description Says yes in advance where the policy would ask. What it denies stays denied.
             * @default false
             */
            approved?: boolean;
        };
        /** ToolCallPart */
        ToolCallPart: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "tool_call";
            /** Tool Call Id */
            tool_call_id: string;
            /** Name */
            name: string;
            /** Args */
            args?: {
                [key: string]: unknown;
            };
        };
        /**
         * ToolCallRecord
         * @description One call of a turn, as it was recorded.
         */
        ToolCallRecord: {
            /** Id */
            id: string;
            /** Turn Id */
            turn_id: string | null;
            /** Tool Call Id */
            tool_call_id: string;
            /** Name */
            name: string;
            /**
             * Arguments
             * @description As it was run: a person may have changed what the model asked for.
             */
            arguments: {
                [key: string]: unknown;
            };
            /**
             * Status
             * @enum {string}
             */
            status: "waiting" | "running" | "done" | "error" | "denied" | "cancelled";
            /**
             * Content
             * @description The first 2,000 characters of the result.
             * @default
             */
            content?: string;
            /**
             * Blob Id
             * @default null
             */
            blob_id?: string | null;
            /**
             * Is Error
             * @default false
             */
            is_error?: boolean;
            /** Metadata */
            metadata?: {
                [key: string]: unknown;
            };
            /**
             * Decision
             * @enum {string}
             */
            decision: "allow" | "ask" | "deny";
            /**
             * Approval Id
             * @default null
             */
            approval_id?: string | null;
            /**
             * Approved By
             * @default null
             */
            approved_by?: string | null;
            /**
             * Duration Ms
             * @description Of its work, without waiting for a person.
             * @default null
             */
            duration_ms?: number | null;
            /** Created At */
            created_at: string;
            /**
             * Started At
             * @default null
             */
            started_at?: string | null;
            /**
             * Finished At
             * @default null
             */
            finished_at?: string | null;
        };
        /**
         * ToolCallResult
         * @description What a tool gave.
         */
        ToolCallResult: {
            /** Tool Call Id */
            tool_call_id: string;
            /**
             * Content
             * @description What a model reads. Where it was cut, its end says how to read on.
             */
            content: string;
            /**
             * Is Error
             * @default false
             */
            is_error?: boolean;
            /** Images */
            images?: components["schemas"]["ToolImage"][];
            /**
             * Blob Id
             * @description The whole result, where `content` is cut.
             * @default null
             */
            blob_id?: string | null;
            /**
             * Metadata
             * @description For people and programs, not for models: `changes` (see Change), `sudo_blocked`, `exit_code` ...
             */
            metadata?: {
                [key: string]: unknown;
            };
            /** Duration Ms */
            duration_ms: number;
        };
        /** ToolImage */
        ToolImage: {
            /** Media Type */
            media_type: string;
            /** Blob Id */
            blob_id: string;
        };
        /**
         * ToolInfo
         * @description A tool that a turn can be given.
         */
        ToolInfo: {
            /** Name */
            name: string;
            /** Description */
            description: string;
            /**
             * Input Schema
             * @description JSON Schema of its arguments.
             */
            input_schema: {
                [key: string]: unknown;
            };
            /**
             * Group
             * @description notebook, kernel, files, terminal, git, web, tasks, results, client or function.
             */
            group: string;
            /** Capabilities */
            capabilities: ("read" | "notebook_edit" | "file_write" | "execute" | "shell" | "network" | "external_directory" | "secret" | "client")[];
            /**
             * Available
             * @default true
             */
            available?: boolean;
            /**
             * Unavailable Reason
             * @default null
             */
            unavailable_reason?: string | null;
        };
        /** ToolList */
        ToolList: {
            /** Items */
            items: components["schemas"]["ToolInfo"][];
        };
        /** ToolResultPart */
        ToolResultPart: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "tool_result";
            /** Tool Call Id */
            tool_call_id: string;
            /**
             * Name
             * @default
             */
            name?: string;
            /** Content */
            content: string;
            /**
             * Is Error
             * @default false
             */
            is_error?: boolean;
            /**
             * Duration Ms
             * @default null
             */
            duration_ms?: number | null;
            /** Images */
            images?: components["schemas"]["ToolImage"][];
            /**
             * Blob Id
             * @description The whole result, where `content` is cut.
             * @default null
             */
            blob_id?: string | null;
            /**
             * Metadata
             * @description For people, not for models: `changes`, `sudo_blocked`, `exit_code`, `approval` (what a person answered) ...
             */
            metadata?: {
                [key: string]: unknown;
            };
        };
        /**
         * Totals
         * @description Sums of model requests. Every sum of the same requests is the same, wherever it stands.
         */
        Totals: {
            /**
             * Requests
             * @default 0
             */
            requests?: number;
            /**
             * Errors
             * @default 0
             */
            errors?: number;
            /**
             * Input
             * @default 0
             */
            input?: number;
            /**
             * Output
             * @default 0
             */
            output?: number;
            /**
             * Cache Read
             * @default 0
             */
            cache_read?: number;
            /**
             * Cache Write
             * @default 0
             */
            cache_write?: number;
            /**
             * Cost
             * @default 0
             * @example 0.0042
             */
            cost?: string;
            /**
             * Saved
             * @description What the provider's cache made cheaper.
             * @default 0
             * @example 0.0042
             */
            saved?: string;
            /**
             * Unpriced
             * @description Requests that used tokens and whose price nobody knows: `cost` is without them.
             * @default 0
             */
            unpriced?: number;
        };
        /** Trace */
        Trace: {
            /**
             * Id
             * @description 32 hexadecimal digits, as in OpenTelemetry.
             */
            id: string;
            /** Turn Id */
            turn_id: string;
            /** Session Id */
            session_id: string;
            /**
             * Name
             * @description The beginning of the user's message.
             */
            name: string;
            /** Started At */
            started_at: string;
            /**
             * Duration Ms
             * @default null
             */
            duration_ms?: number | null;
            /**
             * Status
             * @default unset
             * @enum {string}
             */
            status?: "ok" | "error" | "unset";
            /**
             * Stop Reason
             * @default null
             */
            stop_reason?: string | null;
            /**
             * Provider
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
            usage: components["schemas"]["Usage"];
            /**
             * Url
             * @description Where Jaeger shows it; null where none is configured.
             * @default null
             */
            url?: string | null;
            /**
             * Spans
             * @description In the order in which they began; the first is the turn.
             */
            spans: components["schemas"]["Span"][];
            /**
             * Busy Ms
             * @description Time in which at least one span of the kind was open.
             */
            busy_ms?: {
                [key: string]: number;
            };
        };
        /** TraceSummary */
        TraceSummary: {
            /**
             * Id
             * @description 32 hexadecimal digits, as in OpenTelemetry.
             */
            id: string;
            /** Turn Id */
            turn_id: string;
            /** Session Id */
            session_id: string;
            /**
             * Name
             * @description The beginning of the user's message.
             */
            name: string;
            /** Started At */
            started_at: string;
            /**
             * Duration Ms
             * @default null
             */
            duration_ms?: number | null;
            /**
             * Status
             * @default unset
             * @enum {string}
             */
            status?: "ok" | "error" | "unset";
            /**
             * Stop Reason
             * @default null
             */
            stop_reason?: string | null;
            /**
             * Provider
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
            usage: components["schemas"]["Usage"];
            /**
             * Url
             * @description Where Jaeger shows it; null where none is configured.
             * @default null
             */
            url?: string | null;
        };
        /**
         * TracingStatus
         * @description Where spans go.
         */
        TracingStatus: {
            /**
             * Exporter
             * @enum {string}
             */
            exporter: "none" | "otlp";
            /**
             * Endpoint
             * @default null
             */
            endpoint?: string | null;
            /**
             * Jaeger Url
             * @default null
             */
            jaeger_url?: string | null;
            /**
             * Content
             * @description Whether messages and arguments are exported, too.
             * @default false
             */
            content?: boolean;
            /**
             * Exported
             * @description Traces since the server's start.
             * @default 0
             */
            exported?: number;
            /**
             * Failed
             * @default 0
             */
            failed?: number;
            /**
             * Last Error
             * @default null
             */
            last_error?: string | null;
            /**
             * Last Exported At
             * @default null
             */
            last_exported_at?: string | null;
            /**
             * Reason
             * @description Why nothing is exported, and what to do.
             * @default null
             */
            reason?: string | null;
        };
        /**
         * Transaction
         * @description One line of the ledger: a model request, and what it cost.
         */
        Transaction: {
            /** Id */
            id: string;
            /**
             * Session Id
             * @default null
             */
            session_id?: string | null;
            /**
             * Turn Id
             * @default null
             */
            turn_id?: string | null;
            /**
             * Step
             * @default null
             */
            step?: number | null;
            /** Purpose */
            purpose: string;
            /** Provider */
            provider: string;
            /** Model */
            model: string;
            /** Input */
            input: number;
            /** Output */
            output: number;
            /** Cache Read */
            cache_read: number;
            /** Cache Write */
            cache_write: number;
            /**
             * Cost
             * @default null
             */
            cost?: string | null;
            /**
             * Saved
             * @default null
             */
            saved?: string | null;
            /**
             * Price Source
             * @default null
             */
            price_source?: string | null;
            /**
             * Cached
             * @description Whether the provider read some of it from its cache.
             */
            cached: boolean;
            /**
             * First Token Ms
             * @default null
             */
            first_token_ms?: number | null;
            /**
             * Duration Ms
             * @default null
             */
            duration_ms?: number | null;
            /**
             * Error Code
             * @default null
             */
            error_code?: string | null;
            /** Created At */
            created_at: string;
        };
        /**
         * Turn
         * @description One exchange: the user's message, everything the agent did about it, and how it ended.
         */
        Turn: {
            /** Id */
            id: string;
            /** Session Id */
            session_id: string;
            /**
             * Status
             * @enum {string}
             */
            status: "queued" | "running" | "waiting" | "finished";
            /**
             * Stop Reason
             * @default null
             */
            stop_reason?: ("completed" | "interrupted" | "budget" | "max_steps" | "repetition" | "timeout" | "refused" | "provider_error" | "server_restart" | "denied") | null;
            /** @default null */
            error?: components["schemas"]["TurnError"] | null;
            /**
             * Agent
             * @default null
             */
            agent?: string | null;
            /**
             * Provider
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
            usage: components["schemas"]["Usage"];
            /**
             * Steps
             * @description Model requests made so far.
             * @default 0
             */
            steps?: number;
            /**
             * Message
             * @description The user's text, cut at 500 characters.
             * @default
             */
            message?: string;
            /**
             * Answer
             * @description The agent's last text; only in `GET /turns/{id}` and with ?wait=true.
             * @default null
             */
            answer?: string | null;
            /**
             * Retry Of
             * @default null
             */
            retry_of?: string | null;
            /**
             * Pending Approvals
             * @description Calls that wait for a person; `status` is `waiting` then.
             * @default 0
             */
            pending_approvals?: number;
            /**
             * Event Count
             * @default 0
             */
            event_count?: number;
            /** Created At */
            created_at: string;
            /**
             * Started At
             * @default null
             */
            started_at?: string | null;
            /**
             * Finished At
             * @default null
             */
            finished_at?: string | null;
            /** Metadata */
            metadata?: {
                [key: string]: unknown;
            };
        };
        /** TurnContext */
        TurnContext: {
            /** Turn Id */
            turn_id: string;
            /**
             * Items
             * @description One a model request, in their order.
             */
            items: components["schemas"]["ContextSnapshot"][];
        };
        /** TurnError */
        TurnError: {
            /**
             * Code
             * @description unauthorized, rate_limited, overloaded, unreachable, bad_response, cut, timeout, model_not_found,
             *     context_too_long, not_configured, breaker_open or internal_error.
             *
             *     `breaker_open`: the provider has failed too often, or was stopped, and was not asked; with `retry_after_seconds` it
             *     is tried again then, without it when its breaker is reset (`POST /providers/{id}/breaker/reset`).
             */
            code: string;
            /** Message */
            message: string;
            /**
             * Retryable
             * @default false
             */
            retryable?: boolean;
            /**
             * Retry After Seconds
             * @default null
             */
            retry_after_seconds?: number | null;
        };
        /** TurnModelSelection */
        TurnModelSelection: {
            /** Turn Id */
            turn_id: string;
            /**
             * Items
             * @description In their order; more than one where a model failed, or a report was written.
             */
            items: components["schemas"]["ModelSelection"][];
        };
        /** TurnPolicy */
        TurnPolicy: {
            /** Turn Id */
            turn_id: string;
            /** Decisions */
            decisions: components["schemas"]["PolicyDecision"][];
        };
        /**
         * TurnStart
         * @description What starts a turn. Everything but the message is optional and counts for this turn only.
         */
        TurnStart: {
            /**
             * Message
             * @description The user's text.
             * @default
             */
            message?: string;
            /**
             * Parts
             * @description More of the message: pictures (3 at the most) and context.
             */
            parts?: (components["schemas"]["TextPart"] | components["schemas"]["ImagePart"] | components["schemas"]["ContextPart"])[];
            /**
             * Agent
             * @description The agent to use; null for the default one.
             * @default null
             */
            agent?: string | null;
            /**
             * Provider
             * @description Id of the provider; null for the session's, else the default one.
             * @default null
             */
            provider?: string | null;
            /**
             * Model
             * @description Id of the model at that provider; null for the session's, else the provider's default.
             * @default null
             */
            model?: string | null;
            /**
             * Tools
             * @description Names of the tools the model may use; null for all that are there, [] for none.
             * @default null
             */
            tools?: string[] | null;
            /**
             * Mode
             * @description How much it may do without asking; null for the session's.
             * @default null
             */
            mode?: ("read_only" | "ask" | "auto_edit" | "auto") | null;
            /**
             * Client Tools
             * @description Tools that the caller runs: called by `client_tool_call`, answered by `POST /turns/{id}/tool-results`.
             */
            client_tools?: components["schemas"]["ClientTool"][];
            /**
             * Notebook
             * @description The notebook that is meant where a tool names none; null for the session's.
             * @default null
             */
            notebook?: string | null;
            /**
             * Waiting Kernel
             * @description Id of the kernel whose cell waits for this turn. It can do nothing else meanwhile: what would need it is refused,
             *     or done by the cell's `client_tools`.
             * @default null
             */
            waiting_kernel?: string | null;
            /**
             * System Prefix
             * @description Text put before the system prompt.
             * @default null
             */
            system_prefix?: string | null;
            /**
             * Max Steps
             * @description Model requests at the most.
             * @default null
             */
            max_steps?: number | null;
            /**
             * Thinking
             * @description How much the model should think, where it can.
             * @default null
             */
            thinking?: ("minimal" | "low" | "medium" | "high" | "off") | null;
            /**
             * Reflection
             * @description A first pass writes a preliminary report (by another provider where there is one); the answer builds on it.
             * @default false
             */
            reflection?: boolean;
            /**
             * Context Budget
             * @description Tokens of context at the most; the oldest history is left out first.
             * @default null
             */
            context_budget?: number | null;
            /**
             * Budget
             * @description US dollars at the most; reached, the turn stops before its next model request.
             * @default null
             */
            budget?: string | null;
            /**
             * Timeout Seconds
             * @default null
             */
            timeout_seconds?: number | null;
            /** @default null */
            settings?: components["schemas"]["ModelSettings"] | null;
            /**
             * Metadata
             * @description Kept with the turn, never sent to the model.
             */
            metadata?: {
                [key: string]: unknown;
            };
        };
        /** TurnTips */
        TurnTips: {
            /** Turn Id */
            turn_id: string;
            /**
             * Tips
             * @description The most severe first.
             */
            tips: components["schemas"]["Tip"][];
            /** Tip Count */
            tip_count: number;
            /**
             * @description The newest one that was asked for.
             * @default null
             */
            analysis?: components["schemas"]["Analysis"] | null;
        };
        /** TurnTools */
        TurnTools: {
            /** Turn Id */
            turn_id: string;
            /** Tool Calls */
            tool_calls: components["schemas"]["ToolCallRecord"][];
        };
        /** Undo */
        Undo: {
            /**
             * Edit Ids
             * @description Only these; null for all of the turn's.
             * @default null
             */
            edit_ids?: string[] | null;
        };
        /**
         * Usage
         * @description Tokens and money of one or more model requests.
         */
        Usage: {
            /**
             * Input
             * @description Tokens sent, those read from a cache included.
             * @default 0
             */
            input?: number;
            /**
             * Output
             * @description Tokens received, those of thinking included.
             * @default 0
             */
            output?: number;
            /**
             * Cache Read
             * @default 0
             */
            cache_read?: number;
            /**
             * Cache Write
             * @default 0
             */
            cache_write?: number;
            /**
             * Requests
             * @description Model requests made.
             * @default 0
             */
            requests?: number;
            /**
             * Cost
             * @description US dollars; null where no price is known.
             * @default null
             */
            cost?: string | null;
        };
        /**
         * UsageSummary
         * @description What a person wants to see all the time.
         */
        UsageSummary: {
            today: components["schemas"]["Totals"];
            month: components["schemas"]["Totals"];
            /** Timezone */
            timezone: string;
            /**
             * Budgets
             * @description Of the day, the month and the user.
             */
            budgets: components["schemas"]["BudgetState"][];
            /**
             * Left
             * @description Until the tightest hard limit of these; null where there is none.
             * @default null
             */
            left?: string | null;
        };
        /** UserConsumption */
        UserConsumption: {
            /**
             * Requests
             * @default 0
             */
            requests?: number;
            /**
             * Errors
             * @default 0
             */
            errors?: number;
            /**
             * Input
             * @default 0
             */
            input?: number;
            /**
             * Output
             * @default 0
             */
            output?: number;
            /**
             * Cache Read
             * @default 0
             */
            cache_read?: number;
            /**
             * Cache Write
             * @default 0
             */
            cache_write?: number;
            /**
             * Cost
             * @default 0
             * @example 0.0042
             */
            cost?: string;
            /**
             * Saved
             * @description What the provider's cache made cheaper.
             * @default 0
             * @example 0.0042
             */
            saved?: string;
            /**
             * Unpriced
             * @description Requests that used tokens and whose price nobody knows: `cost` is without them.
             * @default 0
             */
            unpriced?: number;
            /** User */
            user: string;
        };
        /** Verify */
        Verify: {
            /**
             * Model
             * @default null
             */
            model?: string | null;
            /**
             * Multimodal
             * @description Also send a picture and check that the model saw it.
             * @default false
             */
            multimodal?: boolean;
        };
        /** VerifyResult */
        VerifyResult: {
            /**
             * Ok
             * @description Whether everything that was asked for worked.
             */
            ok: boolean;
            /**
             * Model
             * @default null
             */
            model?: string | null;
            /**
             * Text
             * @description The first 200 characters of what the model said.
             * @default null
             */
            text?: string | null;
            /**
             * Multimodal
             * @description Null where it was not asked.
             * @default null
             */
            multimodal?: boolean | null;
            /** Latency Ms */
            latency_ms: number;
            /** @default null */
            usage?: components["schemas"]["Usage"] | null;
            /**
             * Error Code
             * @description As in TurnError.code.
             * @default null
             */
            error_code?: string | null;
            /**
             * Error
             * @default null
             */
            error?: string | null;
            /**
             * Next Action
             * @default null
             */
            next_action?: string | null;
        };
        /**
         * VerifyUnsaved
         * @description A provider to try before it is saved; `provider_id` lends its stored key where `api_key` is `"***"`.
         */
        VerifyUnsaved: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "local" | "openai" | "openai_compatible" | "anthropic" | "google" | "ollama";
            /** Name */
            name: string;
            /**
             * Base Url
             * @description Where its API is; null for the kind's own address. The key and the headers must be given again with another
             *     host: what is stored is never sent to a host that it was not meant for.
             * @default null
             */
            base_url?: string | null;
            /**
             * Api Key
             * @default null
             */
            api_key?: string | null;
            /** Headers */
            headers?: {
                [key: string]: string;
            };
            /**
             * Enabled
             * @default true
             */
            enabled?: boolean;
            /**
             * Default Model
             * @default null
             */
            default_model?: string | null;
            /** Models */
            models?: string[];
            /** Prices */
            prices?: {
                [key: string]: components["schemas"]["ModelPrice"];
            };
            options?: components["schemas"]["ProviderOptions"];
            /**
             * Provider Id
             * @default null
             */
            provider_id?: string | null;
            /**
             * Model
             * @default null
             */
            model?: string | null;
            /**
             * Multimodal
             * @default false
             */
            multimodal?: boolean;
        };
    };
    responses: {
        /** @description The request cannot be read. */
        BadRequest: {
            headers: {
                /** @description Requests a second of this group. */
                "X-RateLimit-Limit"?: number;
                /** @description Requests left. */
                "X-RateLimit-Remaining"?: number;
                /** @description Seconds until all are there again. */
                "X-RateLimit-Reset"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
            };
        };
        /** @description Nobody is authenticated. */
        Unauthorized: {
            headers: {
                /** @description Requests a second of this group. */
                "X-RateLimit-Limit"?: number;
                /** @description Requests left. */
                "X-RateLimit-Remaining"?: number;
                /** @description Seconds until all are there again. */
                "X-RateLimit-Reset"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
            };
        };
        /** @description The caller may not do this. */
        Forbidden: {
            headers: {
                /** @description Requests a second of this group. */
                "X-RateLimit-Limit"?: number;
                /** @description Requests left. */
                "X-RateLimit-Remaining"?: number;
                /** @description Seconds until all are there again. */
                "X-RateLimit-Reset"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
            };
        };
        /** @description There is no such thing, or it is somebody else's. */
        NotFound: {
            headers: {
                /** @description Requests a second of this group. */
                "X-RateLimit-Limit"?: number;
                /** @description Requests left. */
                "X-RateLimit-Remaining"?: number;
                /** @description Seconds until all are there again. */
                "X-RateLimit-Reset"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
            };
        };
        /** @description It does not fit how things stand. */
        Conflict: {
            headers: {
                /** @description Requests a second of this group. */
                "X-RateLimit-Limit"?: number;
                /** @description Requests left. */
                "X-RateLimit-Remaining"?: number;
                /** @description Seconds until all are there again. */
                "X-RateLimit-Reset"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
            };
        };
        /** @description The body is too large. */
        TooLarge: {
            headers: {
                /** @description Requests a second of this group. */
                "X-RateLimit-Limit"?: number;
                /** @description Requests left. */
                "X-RateLimit-Remaining"?: number;
                /** @description Seconds until all are there again. */
                "X-RateLimit-Reset"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
            };
        };
        /** @description The body is not JSON. */
        UnsupportedMediaType: {
            headers: {
                /** @description Requests a second of this group. */
                "X-RateLimit-Limit"?: number;
                /** @description Requests left. */
                "X-RateLimit-Remaining"?: number;
                /** @description Seconds until all are there again. */
                "X-RateLimit-Reset"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
            };
        };
        /** @description A field or parameter is wrong; `details.errors` names each with its path. */
        Invalid: {
            headers: {
                /** @description Requests a second of this group. */
                "X-RateLimit-Limit"?: number;
                /** @description Requests left. */
                "X-RateLimit-Remaining"?: number;
                /** @description Seconds until all are there again. */
                "X-RateLimit-Reset"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
            };
        };
        /** @description Too many requests; Retry-After says when to come back. */
        RateLimited: {
            headers: {
                /** @description Requests a second of this group. */
                "X-RateLimit-Limit"?: number;
                /** @description Requests left. */
                "X-RateLimit-Remaining"?: number;
                /** @description Seconds until all are there again. */
                "X-RateLimit-Reset"?: number;
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
            };
        };
        /** @description Something went wrong in the server; `details.error_id` is in its log. */
        InternalError: {
            headers: {
                /** @description Requests a second of this group. */
                "X-RateLimit-Limit"?: number;
                /** @description Requests left. */
                "X-RateLimit-Remaining"?: number;
                /** @description Seconds until all are there again. */
                "X-RateLimit-Reset"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
            };
        };
        /** @description The server cannot do this now. */
        Unavailable: {
            headers: {
                /** @description Requests a second of this group. */
                "X-RateLimit-Limit"?: number;
                /** @description Requests left. */
                "X-RateLimit-Remaining"?: number;
                /** @description Seconds until all are there again. */
                "X-RateLimit-Reset"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorEnvelope"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list_sessions: {
        parameters: {
            query?: {
                status?: string[];
                channel?: string;
                agent?: string;
                project?: string;
                notebook?: string;
                q?: string;
                latest?: boolean;
                sort?: "last_activity_at" | "-last_activity_at" | "created_at" | "-created_at" | "title" | "-title" | "message_count" | "-message_count" | "cost" | "-cost";
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Session_"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    create_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SessionCreate"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    title_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Titles"] | null;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TitlesResult"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    import_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SessionExport"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    delete_session: {
        parameters: {
            query?: {
                purge?: boolean;
                versions?: boolean;
            };
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Terminated"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    update_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SessionPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_messages: {
        parameters: {
            query?: {
                order?: "asc" | "desc";
                after_seq?: number;
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Message_"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    append_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MessageAppend"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    clear_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Cleared"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    summarize_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Summarize"] | null;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Summary"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    branch_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Branch"] | null;
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    share_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Share"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    unshare_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    export_session: {
        parameters: {
            query?: {
                format?: "json" | "md" | "ipynb";
            };
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                    "text/markdown": string;
                    "application/x-ipynb+json": Record<string, never>;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_shared_session: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SharedSession"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_shared_blob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
                blob_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "image/png": string;
                    "image/jpeg": string;
                    "image/gif": string;
                    "image/webp": string;
                    "application/octet-stream": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    search_sessions: {
        parameters: {
            query?: {
                q?: string;
                session_id?: string;
                kind?: "title" | "message" | "tool_result";
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    upload_blob: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BlobUpload"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlobInfo"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_blob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                blob_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "image/png": string;
                    "image/jpeg": string;
                    "image/gif": string;
                    "image/webp": string;
                    "application/octet-stream": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_turns: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Turn_"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    start_turn: {
        parameters: {
            query?: {
                wait?: boolean;
            };
            header?: {
                /** @description A repeated request with the same key and body gives what the first one made, and says so with the header `Idempotent-Replay: true`. */
                "Idempotency-Key"?: string;
            };
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TurnStart"];
            };
        };
        responses: {
            /** @description The event stream. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                    "application/json": components["schemas"]["Turn"];
                };
            };
            /** @description Done. */
            202: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Turn"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    stream_active_turns: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The event stream. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                    "application/json": components["schemas"]["ActiveTurns"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_turn: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Turn"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    stream_turn_events: {
        parameters: {
            query?: {
                after?: number;
            };
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The event stream. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    interrupt_turn: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Interrupt"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Turn"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    guide_turn: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Guidance"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GuidanceAccepted"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    retry_turn: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key and body gives what the first one made, and says so with the header `Idempotent-Replay: true`. */
                "Idempotency-Key"?: string;
            };
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Retry"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Turn"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    resend_message: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key and body gives what the first one made, and says so with the header `Idempotent-Replay: true`. */
                "Idempotency-Key"?: string;
            };
            path: {
                session_id: string;
                message_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Resend"];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Turn"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_tasks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    run_once: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key and body gives what the first one made, and says so with the header `Idempotent-Replay: true`. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Run"];
            };
        };
        responses: {
            /** @description The event stream. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                    "application/json": components["schemas"]["RunResult"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_tools: {
        parameters: {
            query?: {
                session_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    call_tool: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ToolCall"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolCallResult"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_approvals: {
        parameters: {
            query?: {
                status?: "pending" | "approved" | "denied" | "expired" | "cancelled";
                session_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApprovalList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_approval: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                approval_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    approve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                approval_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Approve"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deny: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                approval_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Deny"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    answer_approvals: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApprovalAnswers"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApprovalList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_policy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    put_policy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyUpdate"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    evaluate_policy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyQuestion"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_turn_tools: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TurnTools"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_turn_policy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TurnPolicy"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    submit_tool_results: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClientToolResults"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_functions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FunctionsList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    register_functions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FunctionsOffer"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FunctionsOffered"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    drop_functions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                kernel_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_checkpoints: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Checkpoint_"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_undecided: {
        parameters: {
            query: {
                path: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckpointList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_checkpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Checkpoint"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    undo_turn: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key and body gives what the first one made, and says so with the header `Idempotent-Replay: true`. */
                "Idempotency-Key"?: string;
            };
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Undo"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Checkpoint"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    redo_turn: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Undo"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Checkpoint"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    accept_turn: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Undo"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Checkpoint"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    complete_code: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompletionRequest"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Completion"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    edit_code: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CodeEdit"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EditedCode"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    turn_context: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TurnContext"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    context_snapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
                request_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContextSnapshot"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    turn_model_selection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TurnModelSelection"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_model_selections: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                provider?: string;
                model?: string;
                strategy?: "asked" | "session" | "default" | "auto" | "fallback" | "reflection";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ModelSelection_"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    turn_trace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trace"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_traces: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                session_id?: string;
                status?: "ok" | "error";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TraceSummary_"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    tracing_status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TracingStatus"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_trace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                trace_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trace"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    turn_tips: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TurnTips"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    analyze_turn: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AnalyzeRequest"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Analysis"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    session_insights: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionInsights"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    analyze_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AnalyzeRequest"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Analysis"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_feedback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Feedback"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    give_feedback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FeedbackGiven"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Feedback"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    delete_feedback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                turn_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    session_feedback: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Feedback_"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_recommendations: {
        parameters: {
            query?: {
                period?: "1h" | "24h" | "7d" | "30d" | "90d" | "1y" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recommendations"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    generate_recommendations: {
        parameters: {
            query?: {
                period?: "1h" | "24h" | "7d" | "30d" | "90d" | "1y" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["AnalyzeRequest"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recommendations"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    usage_summary: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageSummary"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    usage_costs: {
        parameters: {
            query?: {
                period?: "1h" | "24h" | "7d" | "30d" | "90d" | "1y" | "all";
                start?: string;
                end?: string;
                by?: string;
                provider?: string;
                model?: string;
                session_id?: string;
                purpose?: string;
                timezone?: string;
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CostReport"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_transactions: {
        parameters: {
            query?: {
                period?: "1h" | "24h" | "7d" | "30d" | "90d" | "1y" | "all";
                start?: string;
                end?: string;
                provider?: string;
                model?: string;
                session_id?: string;
                turn_id?: string;
                purpose?: string;
                failed?: boolean;
                sort?: "-created_at" | "created_at" | "-cost" | "-input" | "-output" | "-duration_ms";
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Transaction_"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    usage_consumption: {
        parameters: {
            query?: {
                period?: "1h" | "24h" | "7d" | "30d" | "90d" | "1y" | "all";
                timezone?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Consumption"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    cache_statistics: {
        parameters: {
            query?: {
                period?: "1h" | "24h" | "7d" | "30d" | "90d" | "1y" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CacheStatistics"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    model_efficiency: {
        parameters: {
            query?: {
                period?: "1h" | "24h" | "7d" | "30d" | "90d" | "1y" | "all";
                provider?: string;
                model?: string;
                timezone?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EfficiencyReport"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    usage_timeseries: {
        parameters: {
            query?: {
                hours?: number;
                timezone?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TimeSeries"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    provider_capacity: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CapacityReport"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    export_statistics: {
        parameters: {
            query?: {
                table?: "costs" | "transactions" | "turns";
                format?: "csv" | "parquet" | "arrow";
                period?: "1h" | "24h" | "7d" | "30d" | "90d" | "1y" | "all";
                start?: string;
                end?: string;
                by?: string;
                timezone?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                    "application/vnd.apache.parquet": string;
                    "application/vnd.apache.arrow.stream": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_budgets: {
        parameters: {
            query?: {
                session_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Budgets"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    put_budgets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BudgetsPut"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Budgets"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_providers: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Provider_"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    create_provider: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderCreate"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_default_model: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DefaultModel"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    set_default_model: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DefaultModel"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DefaultModel"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_credentials: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Credential_"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    verify_unsaved_provider: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VerifyUnsaved"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VerifyResult"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_breakers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Breakers"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_provider_quotas: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderQuotas"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_provider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    update_provider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderWrite"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    delete_provider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    set_provider_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderKey"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    remove_provider_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    verify_provider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Verify"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VerifyResult"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_provider_quota: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderQuota"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    reset_breaker: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Breaker"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    open_breaker: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["BreakerOpening"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Breaker"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_models: {
        parameters: {
            query?: {
                q?: string;
                provider?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_provider_models: {
        parameters: {
            query?: {
                refresh?: boolean;
            };
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    clear_provider_models: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CacheCleared"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_info: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Info"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_system: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemInfo"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemMetrics"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_config: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Config"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    update_config: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfigPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Config"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    reset_config: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ConfigReset"] | null;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Config"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_config_schema: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigSchema"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_config_status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigStatus"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    get_config_capabilities: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigCapabilities"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_logs: {
        parameters: {
            query?: {
                level?: "debug" | "info" | "warning" | "error" | "critical";
                logger?: string;
                q?: string;
                since?: string;
                session_id?: string;
                turn_id?: string;
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_LogRecord_"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    stream_logs: {
        parameters: {
            query?: {
                level?: "debug" | "info" | "warning" | "error" | "critical";
                logger?: string;
                q?: string;
                session_id?: string;
                turn_id?: string;
                after?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The event stream. */
            200: {
                headers: {
                    /** @description Requests a second of this group. */
                    "X-RateLimit-Limit"?: number;
                    /** @description Requests left. */
                    "X-RateLimit-Remaining"?: number;
                    /** @description Seconds until all are there again. */
                    "X-RateLimit-Reset"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
}
