/**
 * The words by which a text that came in is understood, as data: English and Spanish, in the form that {@link foldText} gives them (lower case, no accents, no
 * apostrophes, single spaces). Sources: 47 CFR 64.1200(a)(10) for what counts as revoking, the carriers' keyword lists, and what people write. A wrong opt-out
 * is cheaper than a missed one, and a false alarm cheaper than a missed cry for help.
 */

/** What Twilio acts on by itself when it is the whole message. https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out */
export const CARRIER_STOP: ReadonlySet<string> = new Set(["STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL"]);
export const CARRIER_START: ReadonlySet<string> = new Set(["START", "UNSTOP"]);
export const CARRIER_HELP: ReadonlySet<string> = new Set(["HELP", "INFO"]);

/** Whole messages, without spaces, that want no more texts: the carriers' words, other carriers' words, Spanish, and slips of the thumb. */
export const STOP_MESSAGES: ReadonlySet<string> = new Set(
  `stop stopall block blocked stopp sstop sttop stoop sotp stpo tsop stp stopit stopthis stopnow stopstop stopstopstop juststop stopalready unstopall end quit revoke optout optmeout cancel
  cancelall canceled cancelled cancell unsubscribe unsub unsuscribe unsubcribe unsubscibe unsubscrib ubsubscribe unsubsribe unscubscribe unsubscribeall unsubscribeme removeme remove delete
  arret parar pare paren pararya parenya alto altoya basta bastaya yabasta detener detenganse cancelar cancelalo cancela baja darmedebaja debaja darsedebaja desuscribir
  desuscribirme desuscribirse desinscribir nomas yanomas fin terminar eliminar eliminarme borrarme nomorenomore nomore leavemealone dejemeenpaz dejenmeenpaz dejameenpaz`.split(
    /\s+/,
  ),
);

/** Of these a visit may have been meant. */
export const MAY_MEAN_VISIT = /\b(?:cancel\w*|cancell?ed|anular\w*)\b/;

/** What texts are called, when somebody wants no more of them. */
const TEXTS = "(?:texts?|texting|txts?|txting|messages?|messaging|msgs?|msging|sms|reminders?|notifications?|spam\\w*|alerts?|updates)";
const MENSAJES = "(?:mensajes?|mensajitos|textos?|textear\\w*|sms|recordatorios?|notificaciones|avisos)";

/** Wordings that a reasonable person reads as revoking, anywhere in a message. */
export const REVOKING: readonly RegExp[] = patterns(`
  \\b(?:stop|quit|cease|end|halt|discontinue|cancel|block|turn off|shut off|disable) (?:\\w+ ){0,4}?${TEXTS}\\b
  \\b(?:stop|quit|cease) (?:\\w+ ){0,2}?(?:sending|contacting|bothering|harassing|bugging|pestering|writing|messing|hitting me up|blowing up)\\b
  \\b(?:no|not any|without) (?:more|further|additional) (?:of )?(?:\\w+ ){0,2}?${TEXTS}\\b
  \\b(?:dont|do not|never|please dont|pls dont) (?:you )?(?:ever )?(?:text|txt|message|msg|contact|bother|write|send)\\b(?: me| us)?(?! (?:it |this )?(?:until|before|after|today|on |at |yet|during))
  \\b(?:dont|do not|no longer|didnt|did not|never) (?:wish|want|need|like|care|agree|agreed|consent|consented|sign|signed)(?: up)? (?:\\w+ ){0,5}?(?:${TEXTS}|contacted)\\b
  \\b(?:dont|do not|no longer) (?:want|wish|need) (?:these|this|those|them|any of this)(?: anymore| any more)?$
  \\b(?:take|get|remove|delete|drop|pull|scratch) (?:me|my number|my phone|my cell|this number|my name) (?:\\w+ ){0,2}?(?:off|from|out)\\b
  \\b(?:remove|delete|lose|forget|erase) (?:my|this) (?:number|phone|cell|contact|info)\\b
  \\b(?:remove|unsubscribe|unsub|unsuscribe|unenroll|unregister) (?:me|us)\\b
  \\bunsubscri\\w*\\b
  \\bopt(?:ing|ed)? (?:me |us )?out\\b
  \\boptout\\b
  \\b(?:revoke|revoking|withdraw|withdrawing|rescind)\\w* (?:\\w+ ){0,3}?(?:consent|permission|authori[sz]ation)\\b
  \\b(?:i|hereby) revoke\\b
  \\b(?:dont|do not|no longer) (?:consent|agree)\\b
  \\bleave me alone\\b
  \\b(?:tired|sick) of (?:\\w+ ){0,3}?${TEXTS}\\b
  \\b(?:how|can|could|would|will) (?:do |can |to |you |i |we )*(?:please )?(?:stop|turn off|get rid of|cancel|end|unsubscribe) (?:\\w+ ){0,2}?(?:${TEXTS}|this|these|it)$
  \\bdo not (?:text|call|contact) list\\b
  \\b(?:wants? out|get out) of (?:these|this|the) (?:${TEXTS}|list)\\b
  \\bblock(?:ing|ed)? (?:you|this number)\\b
  \\bno (?:me )?(?:mande\\w*|envie\\w*|escrib\\w*|mensaje\\w*|contacte\\w*|textee\\w*|texte\\w*|moleste\\w*|llegue\\w*)(?: \\w+){0,3}? (?:mas|nada|nunca|${MENSAJES})\\b
  \\bno (?:me )?(?:manden|envien|escriban|contacten|molesten|texteen|textees|molestes|moleste)\\b
  \\b(?:ya )?no (?:quiero|deseo|necesito|quisiera|autorizo|acepto)(?: \\w+){0,4}? ${MENSAJES}\\b
  \\b(?:ya )?no (?:quiero|deseo) (?:mas|recibir\\w*|que me (?:escrib|mand|envi|contact|text)\\w*)\\b
  \\b(?:deje\\w*|dejar|deja|pare\\w*|para|basta|alto|detenga\\w*|termine\\w*|suspend\\w*|cancel\\w*|elimin\\w*|quit\\w*)(?: de| con| los| las| estos| esos| sus| tus| mis| ya)* (?:mandar\\w*|enviar\\w*|escribir\\w*|molestar\\w*|textear\\w*|contactar\\w*|${MENSAJES})\\b
  \\b(?:no|ni un|ningun) mas (?:\\w+ )?${MENSAJES}\\b
  \\bno ${MENSAJES}(?: mas)?$
  \\b(?:quite\\w*|saque\\w*|sacame|quitame|borre\\w*|borrame|elimine\\w*|eliminame)(?: \\w+){0,3}? (?:lista|numero|telefono|contacto\\w*)\\b
  \\b(?:quitenme|saquenme|sacame|quitame|borrenme|borrame|eliminenme|quiteme|saqueme|borreme|elimineme)\\b
  \\b(?:dar|dé|de|den|denme|deme|darme|dame|quiero) (?:me )?(?:de )?baja\\b
  \\b(?:revoco|retiro) (?:\\w+ )?(?:consentimiento|permiso|autorizacion)\\b
  \\bdejen?me en paz\\b
`);

/** A word of revocation in a message of at most five words counts, too, where none of {@link NOT_REVOKING} explains it. */
export const REVOKING_WORD =
  /\b(?:stop+|stopall|quit|revoke|unsubscribe|cancel|end|enough|alto|basta|parar|pare|paren|detener|cancelar|baja|nomas|no mas)\b/;

/** Why such a word is none: it is denied, somebody speaks of how they feel, of a place, of an hour, of medicine, of a visit. */
export const NOT_REVOKING: readonly RegExp[] = patterns(`
  \\b(?:dont|do not|never|cant|can not|cannot|couldnt|could not|wont|will not|didnt|did not|doesnt|does not|havent|wouldnt|shouldnt|not|without|non|isnt|never) (?:\\w+ )?(?:stop\\w*|quit\\w*|end\\w*|cancel\\w*|unsubscri\\w*|opt\\w* out|revok\\w*)
  \\b(?:no|ni|sin|nunca) (?:me |lo |la |los |las |puedo |quiero |quise |pude |voy a |vayan a |vaya a |deje de |dejen de )*(?:parar|pare\\w*|para|dejar|cancel\\w*|detener\\w*|terminar|revoc\\w*|dar\\w* de baja)\\b
  \\bno (?:dejes|dejen|deje|paren|pare|pares)\\b
  \\bstop(?:s|ped|ping)\\b
  \\bstop (?:by|at|in|over|for|off|taking|eating|drinking|smoking|crying|bleeding|vomiting|shaking|thinking|feeling|worrying|hurting|throwing|itching|breathing|sweating|moving|my (?:med|pill|lithium|ssri|drink|water|food|coffee|heart|breath)\\w*|the (?:med|pill|bleeding|pain|car|bus|drink|food|crying|nausea|ringing)\\w*|solid\\w*|food|water|coffee|meds?|liquids|fluids|lithium)\\b
  \\b(?:bus|train|tram|subway|rest|pit|truck|one|next|last|first|non|full|short|metro|light rail|door ?) stop\\b
  \\b(?:when|what time|what day|where|which|why|until when|how long|how soon|should|must|do|does|did|is|are|was|has|have) (?:\\w+ ){0,5}(?:stop|end|quit|cancel|parar)\\w*
  \\b(?:cuando|donde|cual|a que hora|por que|hasta que|debo|tengo que) (?:\\w+ ){0,5}(?:parar|para|terminar?|acabar?|cancelar|alto|basta|fin|baja)\\w*
  \\b(?:end|ends|ended|ending) (?:of|at|up|on|in|time|by|date|result)\\b
  \\b(?:the|week|this|year|months?|dead|other|far|east|west|north|south|loose|low|high) end\\b
  \\bend(?:s|ed|ing)\\b
  \\bquit (?:my|smoking|drinking|vaping|caffeine|coffee|nicotine|work|the job|a job|job|taking)\\b
  \\b(?:i|we|he|she|just|finally) (?:quit|stopped|cancelled|canceled)\\b
  \\b(?:thats|is|was|not|good|sleep\\w*|slept|ate|eat\\w*|had|have|has|got|old|long|well|fast|early|soon|safe) enough\\b
  \\benough (?:time|sleep|money|food|water|for|to|room|parking|rest|notice|hours)\\b
  \\b(?:mas|muy|el|la|un|lo|voz|en voz) (?:alto|baja)\\b
  \\balto (?:riesgo|nivel|costo)\\b
  \\b(?:planta|calle|parte|presion|temperatura|voz|entrada|puerta) baja\\b
  \\b(?:mas|nada|nadie|algo) no mas\\b
  \\b(?:aqui|ahi|ahorita|ahora|asi|uno|una|dos|tantito|poquito|unos|este|esta|hoy|solo|una pregunta|dia|minutos) no ?mas\\b
  \\bno mas (?:una|un|de|para|tantito|quiero|queria|tengo|que|avis\\w*|confirm\\w*|digame|llego|pregunt\\w*|sangr\\w*|dolor|nausea\\w*|vomit\\w*)\\b
  \\bbasta (?:con|de (?:dolor|llorar)|un|una|traer|llegar)\\b
  \\bpare (?:el|la|de (?:sangrar|llorar|comer|beber|tomar|fumar))\\b
  \\bparar (?:en|a|el (?:dolor|coche|carro|sangrado)|de (?:llorar|pensar|sangrar|comer|beber|tomar|fumar|vomitar|temblar))\\b
  \\bbaja (?:la|el|de (?:peso|presion)|presion)\\b
  \\b(?:presion|glucosa|azucar|temperatura|energia) (?:\\w+ )?(?:alta|alto|baja)\\b
`);

/** What a visit is called, and when it is. */
const VISIT =
  "(?:appointments?|appts?|appt|apt|visits?|sessions?|booking|bookings|reservation|slot|treatments?|consult\\w*|meeting|cita|citas|visitas?|sesion|sesiones|consultas?|tratamientos?|reserva)";
const DAY =
  "(?:mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|mon|tues?|weds?|thurs?|fri|sat|sun|today|todays|tomorrow|tomorrows|tmrw|tmw|tonight|next week|this week|lunes|martes|miercoles|jueves|viernes|sabado|domingo|hoy|manana|la semana|\\d{1,2}(?: ?(?:am|pm|st|nd|rd|th|de))?|january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|morning|afternoon|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)";

/** Somebody wants a visit called off. It never is by a text: a person calls. */
export const CANCELS_VISIT: readonly RegExp[] = patterns(`
  \\b(?:cancel\\w*|cancelar\\w*|cancelo|cancelen|anul\\w*|call off) (?:\\w+ ){0,5}?(?:${VISIT}|${DAY})\\b
  \\b(?:stop|end|quit|skip|drop|miss) (?:\\w+ ){0,4}?${VISIT}\\b
  \\b${VISIT} (?:\\w+ ){0,4}?(?:cancel\\w*|cancelar\\w*)\\b
  \\b(?:want|need|have|like|going|trying|wish|decided|must|quiero|necesito|tengo|quisiera|debo|deseo|puedo) (?:\\w+ ){0,2}?(?:to cancel|que cancelar|cancelar)\\b
  \\b(?:terminar|dejar|suspender|parar) (?:\\w+ ){0,2}?(?:tratamiento|cita|citas|sesion|sesiones)\\b
`);

/** Whole messages, without please and thank you. */
export const CONFIRM_MESSAGES: ReadonlySet<string> = new Set(
  `1|one|uno|c|c1|y|yes|yes yes|yess|yesss|yea|yeah|yep|yup|ya|ye|ok|okay|okey|oki|k|kk|sure|sure thing|of course|absolutely|definitely|sounds good|sounds great|looks good|perfect|great|good|got it|will do|works for me|that works|works
  |confirm|confirmed|confirming|i confirm|yes confirm|yes confirmed|yes i confirm|confirm 1|1 confirm|1 confirmed|1 yes|yes 1|1 confirmo|im confirming|confirmation|confirm appointment|confirm my appointment|i confirm my appointment|confirm visit|i can confirm
  |ill be there|i will be there|be there|will be there|yes ill be there|yes i will be there|we will be there|well be there|ill come|i will come|im coming|i am coming|yes im coming|yes i am coming|see you|see you then|see you there|see you tomorrow|see you monday|see you tuesday|see you wednesday|see you thursday|see you friday|see ya|yes see you then|yes see you tomorrow
  |si|sii|siii|si si|sip|simon|claro|claro que si|por supuesto|vale|de acuerdo|esta bien|confirmo|confirmado|confirmada|confirmar|si confirmo|si confirmado|lo confirmo|yo confirmo|confirmo mi cita|confirmo la cita|confirmo mi asistencia|confirmo asistencia|ahi estare|alli estare|ahi voy a estar|alli voy a estar|si ahi estare|si alli estare|si voy|si ire|voy|voy a ir|ire|asistire|si asistire|nos vemos|nos vemos manana|nos vemos el lunes|nos vemos el martes|nos vemos el miercoles|nos vemos el jueves|nos vemos el viernes|perfecto|listo|lista|bueno|muy bien|excelente|entendido`
    .split("|")
    .map((text) => text.trim()),
);

/** Whole messages that ask for another time; "no" to a visit asks for a call, never for anything else. */
export const MOVE_MESSAGES: ReadonlySet<string> = new Set(
  `2|two|dos|r|r1|n|no|nope|nop|nah|no no|2 move|move|move it|move 2|2 reschedule|reschedule|reschedule 2|resched|no 2|2 no|cambiar|cambio|cambiarla|mover|moverla|otra hora|otro dia|otra fecha|no puedo|no podre|no voy|no ire|no asistire|no ire a la cita|i cant|cant|i cannot|cannot|no i cant|not coming|im not coming|wont be there|i wont be there`
    .split("|")
    .map((text) => text.trim()),
);

export const MOVING: readonly RegExp[] = patterns(`
  \\b(?:cant|cannot|can not|wont|will not|couldnt|unable to|not able to|not going to|not gonna|wont be able to|am not able to|not be able to)(?: \\w+)? (?:make|come|be there|attend|go|get there|get off|do|keep)(?: it| this| that| my| the| in| tomorrow| today| on| to|$)
  \\bresched\\w*\\b
  \\bre schedule\\b
  \\b(?:another|different|other|new|better|later|earlier|alternate) (?:time|day|date|appointment|appt|slot|hour|week)\\b
  \\b(?:move|change|switch|push|postpone|delay|shift|bump|swap) (?:my|the|it|this|our|that|to|back|tomorrow|todays|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?)\\b
  \\b(?:need|want|like|have|can i|could i|could we|can we|may i) (?:to )?(?:move|change|switch|postpone|delay|push)\\b
  \\b(?:doesnt|does not|wont|not gonna|isnt going to) work(?: for me| out| anymore)?$
  \\b(?:not|cant be) (?:available|free)\\b
  \\bno (?:voy a poder|puedo|podre|podria|alcanzo a|logro|me es posible|voy a) (?:ir|asistir|llegar|venir|acudir|estar|presentarme|hacerlo|hoy|manana|ese dia|el)\\b
  \\b(?:cambiar|mover|posponer|aplazar|reprogramar|reagendar|atrasar|adelantar|recorrer|modificar)(?:la|lo|me|mela)?\\b(?: \\w+){0,3}? ?(?:cita|hora|fecha|dia|visita|sesion|horario|lunes|martes|miercoles|jueves|viernes)\\b
  \\b(?:reprogramar|reagendar|reprogramarla|reagendarla|reprogramen|reagenden|cambiarla|posponerla|moverla|aplazarla|cambienla|muevanla)\\b
  \\botra? (?:hora|fecha|dia|horario|cita|momento)\\b
  \\botro (?:dia|horario|momento)\\b
`);

export const WRONG_NUMBER: readonly RegExp[] = patterns(`
  \\bwrong (?:number|person|phone|guy|lady|cell|recipient|contact|ana|patient|people|one)\\b
  \\bwrong #
  \\b(?:have|got|dialed|texted|texting|reached|messaging) (?:\\w+ )?the wrong\\b
  \\bmistaken (?:number|identity)\\b
  \\b(?:not|isnt|no longer|never was|not the|isnt the) (?:\\w+ )?(?:his|her|their|that persons|the right|the correct|a) (?:phone|number|cell)\\b
  \\b(?:this|that)(?: is|s)? (?:not|no longer) (?:\\w+ )?(?:phone|number|cell)\\b
  \\bthis isnt (?:\\w+ ){1,2}(?:phone|number|cell)\\b
  \\b(?:no one|nobody|noone) (?:here )?(?:by|with|named|called|of) (?:that|this|the)\\b
  \\b(?:theres|there is) no (?:\\w+ ){0,2}?(?:here|by that name)\\b
  \\b(?:dont|do not) know (?:any|an|this|that|anyone|anybody|who (?:you|that|this) (?:are|is) (?:looking|trying))(?: \\w+){0,2}\\b(?<!know this yet)
  \\b(?:you are|youre|ur|you) (?:texting|have|messaging|contacting) (?:somebody|someone|some one) else\\b
  \\b(?:new|changed|just got this) (?:owner|number).{0,30}\\bnot (?:who|the person)\\b
  \\bi (?:just )?(?:got|have) this (?:number|phone) (?:recently|last|a|new|from)\\b
  \\bnot (?:the person|who|your patient|a patient|my appointment)\\b(?! .{0,20}\\bwant)
  \\b(?:numero|telefono|celular|persona) (?:\\w+ )?(?:equivocad[oa]|incorrect[oa]|errone[oa])\\b
  \\b(?:se|te) (?:equivoc\\w+|ha equivocado|han equivocado|has equivocado)\\b
  \\bequivocad[oa](?: de)? (?:numero|persona|telefono)?\\b
  \\b(?:este|ese) (?:ya )?no es (?:el|su|mi) (?:numero|telefono|celular)\\b
  \\bno (?:conozco|se quien es|vive aqui)\\b
  \\bno soy (?:esa|la|el|ese) (?:persona|paciente)\\b
`);

/** Whole messages by which a carrier's subscriber wants texts again. YES is one to carriers and an answer to people; it counts as the answer. */
export const START_MESSAGES: ReadonlySet<string> = new Set(
  `start unstop restart resume resubscribe subscribe optin optmein optmebackin optbackin startagain startall starttexts starttexting starttextingme starttextsagain turntextsbackon reanudar reiniciar empezar
  comenzar iniciar suscribir suscribirme reactivar activar`.split(/\s+/),
);
export const HELP_MESSAGES: ReadonlySet<string> = new Set("help info information ayuda informacion helpinfo infohelp aide".split(" "));

/** Words of somebody who might hurt or kill themselves. Denials count as well: "I am not suicidal" is read by a person, not explained away. */
export const SELF_HARM: readonly RegExp[] = patterns(`
  \\bs(?:u|ui|iu)[iy]?[csz]+[iy]?d\\w*
  \\bsuis?i[dc]\\w*
  \\bunaliv\\w*
  \\bkms\\b
  \\bkil+(?:ing)? (?:my ?self|me\\b|him ?self|her ?self)
  \\b(?:hurt|hurting|harm|harming|cut|cutting|shoot|shooting|hang|hanging|drown|drowning|stab|burn|burning|poison)\\w* (?:my ?self|him ?self|her ?self)\\b
  \\bself ?(?:harm|injur|hurt|mutilat)\\w*
  \\b(?:end|ending|take|taking|finish\\w*) (?:my|his|her)(?: own)? (?:life|existence|misery|suffering|pain)\\b
  \\b(?:end|ending|finish) (?:it all|everything|this life)\\b
  \\bend(?:ing)? (?:it|it all|things|this all|everything)(?: all| now| tonight| today)?$
  \\b(?:want|wanna|ready|going|gonna|wish|hope|plan\\w*|need|rather|prefer|like|trying|about|deserve|time) (?:\\w+ ){0,3}?(?:die|be dead|to die|not wake up)\\b
  \\b(?:i|he|she|we) (?:want to|wanna|could just|might just|should just|should|will|may|would rather) (?:die|be dead|disappear|not exist)\\b
  \\b(?:wish|if) (?:i|he|she) (?:was|were|could be|had been|had never been|wasnt|werent|would) (?:dead|gone|never born|born|alive|die|not here|here)\\b
  \\b(?:im|i am|feel like|feeling like) (?:dying|dead inside|better off dead|going to die|gonna die)\\b
  \\bbetter off (?:dead|without me|if i)\\b
  \\b(?:dont|do not|cant|not|no longer|never) (?:even )?(?:want|wanna|wish|see)(?: \\w+){0,3}? (?:live|living|be alive|wake up|be here|exist|life|a future)\\b
  \\bnot want(?:ing)? to (?:live|be alive|be here|wake up|exist)\\b
  \\b(?:no|any|a|the) (?:reason|point|purpose)(?: \\w+){0,2}? (?:live|living|alive|going on|go on|anymore|here)\\b
  \\b(?:life|living|it)(?: is|s| isnt| is not)? (?:not worth|isnt worth|worthless|pointless|meaningless)\\b
  \\bnot worth (?:living|it anymore|being)\\b
  \\b(?:cant|cannot|can not|couldnt) (?:go on|keep (?:going|living|doing this)|live like this|bear (?:it|this|life))\\b
  \\b(?:cant|cannot|can not) (?:do|take|handle|make|bear|stand) (?:this|it|life|the pain) (?:anymore|any more|any longer|much longer|no more)\\b
  \\bmake (?:it|the pain|everything|the voices|them) stop\\b
  \\b(?:say|saying|said|my (?:last|final)|writing (?:a|my)|this is) (?:goodbye|good bye|goodbyes|farewell|note)\\b(?! for now)
  \\bgoodbye (?:forever|world|everyone|everybody)\\b
  \\boverdos\\w*
  \\bod(?:ing|d)\\b
  \\b(?:took|taken|take|taking|swallowed) (?:all|too many|a bunch of|a lot of|every)(?: \\w+){0,3}? (?:pills?|meds|medicines?|lozenges?|tablets?)\\b
  \\b(?:jump|jumping) (?:off|from|in front)\\b
  \\b(?:have|got|bought|loaded|holding) (?:a|my|the) (?:gun|rope|noose|knife|blade|razor)\\b
  \\b(?:slit|slitting|cut|cutting) (?:my|his|her) (?:wrist|throat|arm)\\w*
  \\b(?:in|having|a) (?:\\w+ )?(?:mental (?:health )?)?crisis\\b
  \\bcrisis\\b
  \\b(?:not|dont feel|do not feel|never feel) safe\\b
  \\b(?:im|i am|feel|feeling) (?:unsafe|hopeless|desperate|a danger|worthless)\\b
  \\bdanger to (?:my|him|her)\\w*
  \\b(?:kill|hurt|shoot|stab|harm) (?:him|her|them|someone|somebody|people|you|my (?:wife|husband|kids?|child\\w*|family|mom|dad|son|daughter))\\b
  ^(?:please |pls |someone |somebody |god |i need |i need some |need |send )*help(?: me| us)(?: please| pls| now| i need help)*$
  ^(?:i |really |please )*need (?:some |your |real )?help (?:now|asap|right now|immediately|bad|badly|urgently|tonight)$
  \\bsuicid\\w*
  \\bmatar(?:me|se|te)\\b
  \\b(?:me|mejor me) (?:voy a|quiero|quisiera|pienso|vo a)(?: \\w+)? (?:matar|morir|suicidar|cortar|ahorcar|tirar|colgar|lastimar|hacer dano)\\b
  \\b(?:quiero|quisiera|prefiero|prefiriera|deseo|ojala|mejor|voy a|ganas de|pienso en|tengo ganas de)(?: \\w+)? (?:morir|morirme|muera|muriera|estar muert[oa]|desaparecer|matarme|suicidarme|no despertar)\\b
  \\bmejor (?:muert[oa]|estaria muert[oa]|sin mi|me muero)\\b
  \\bme (?:matare|mataria|mato|corte las|corto|ahorco|quito la vida|hago dano|lastimo)\\b
  \\bme muero\\b(?! (?:de|por))
  \\bno (?:puedo|aguanto|soporto) mas\\b
  \\bno (?:hay|tengo|veo|le veo|encuentro) (?:salida|esperanza|razon|motivos?|sentido)\\b
  \\bme quiero (?:morir|matar|ir de este mundo|quitar|suicidar)\\b
  \\bquitar(?:me|se) la vida\\b
  \\b(?:hacerme|haciendome|hacerse|hare|hice|hago) (?:un )?dano\\b
  \\b(?:lastimar|cortar|ahorcar|colgar|herir|danar|dispar|envenenar)(?:me|se)\\b
  \\b(?:acabar|terminar|termino|acabo)(?: \\w+)? con (?:todo|mi vida|esto|mi sufrimiento|la vida)\\b
  \\b(?:ya )?no (?:quiero|puedo|deseo|vale la pena|tengo ganas de|tengo razon para)(?: \\w+){0,2}? (?:vivir|viviendo|existir|estar aqui|despertar\\w*|seguir (?:asi|viviendo|adelante))\\b
  ^ya no quiero seguir$
  \\bla vida no (?:vale|tiene sentido|merece)\\b
  \\bsobredosis\\b
  \\b(?:tome|trague|me tome) (?:todas|todos|muchas|demasiadas|un monton de) (?:\\w+ )?(?:pastillas|pildoras|medicinas|medicamentos)\\b
  \\btengo (?:una|la) (?:pistola|arma|soga|navaja)\\b
  \\b(?:no me siento|no estoy) (?:segur[oa]|a salvo)\\b(?! (?:de|si|que|cual|cuando|por))
  \\b(?:sin esperanza|desesperad[oa])\\b
  ^(?:por favor |porfavor |necesito )*(?:ayudame|ayudenme|auxilio|socorro|ayuda urgente|ayudeme)(?: por favor| porfavor| ya| urgente)*$
`);

/** Words of a medical emergency. */
export const EMERGENCY: readonly RegExp[] = patterns(`
  \\b(?:cant|cannot|can not|couldnt|hard to|trouble|difficulty|struggling to|hardly|barely|stopped|not) (?:\\w+ )?breath\\w*
  \\b(?:short of|shortness of) breath\\b
  \\bchest (?:pain\\w*|hurts|tight\\w*|pressure|is tight|feels tight)\\b
  \\b(?:pain|pressure|tightness) in (?:my|the|his|her) chest\\b
  \\bheart attack\\b
  \\b(?:seizure\\w*|convuls\\w*|stroke|anaphyla\\w*)\\b
  \\b(?:passed|passing|blacked|blacking) out\\b
  \\b(?:faint|fainted|fainting|unconscious|unresponsive|collapsed)\\b
  \\b(?:wont|cant|not|doesnt|isnt) (?:wake|waking|respond\\w*)(?: up| him up| her up)?\\b
  \\b(?:throat|tongue|face|lips) (?:is |are |keeps )?(?:swelling|swollen|closing|closing up)\\b
  \\b(?:swollen|swelling) (?:throat|tongue|face|lips)\\b
  \\b(?:call|called|calling|dial|need) (?:911|an ambulance|ambulance)\\b
  \\b(?:emergency|ambulance|911)\\b
  \\bno puede? respirar\\b
  \\bno (?:puedo|podia|logro) respirar\\b
  \\b(?:me ahogo|me falta (?:el )?aire|falta de aire|dificultad para respirar)\\b
  \\bdolor(?:es)? (?:\\w+ )?(?:en el|de|del) pecho\\b
  \\bme duele (?:mucho )?el pecho\\b
  \\b(?:convulsion\\w*|desmay\\w*|desvanec\\w*|inconsciente|infarto|ataque al corazon|derrame)\\b
  \\b(?:emergencia|ambulancia|urgencias)\\b
  \\b(?:se me (?:cierra|hincha)|hinchad[oa]) (?:la )?(?:garganta|lengua|cara)\\b
`);

/** Greetings and thanks around a short answer. */
export const FILLERS =
  /\b(?:please|pls|plz|sorry|perdon|thanks|thank you|thankyou|thx|ty|thank u|thnx|hi|hello|hey|dear|hola|buenos dias|buenas tardes|buenas|gracias|muchas gracias|mil gracias|por favor|porfavor|porfa|favor|doctor|doctora|dr|maam|sir|everyone|so much|very much|muchas)\b/g;

function patterns(lines: string): RegExp[] {
  return lines
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => new RegExp(line));
}
