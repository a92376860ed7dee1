import './base.css';
import './transcript.css';
import './composer.css';
import './sessions.css';
import './status.css';
import './tools.css';
import './notebook.css';
import './live.css';
