# Cards and faces of people.
credentials-title = Cards and face
credentials-open = Cards and face
credentials-text = What opens doors for this person: cards, and the face for terminals that know faces.
credentials-inactive = This person is inactive.
credentials-inactive-text = Cards and face are kept here, and no terminal holds them until the person is active again.

cards-title = Cards
cards-count = { $count ->
    [one] { $count } card
   *[other] { $count } cards
}
cards-none = No cards yet
cards-none-text = A card that is added here opens the doors that this person may pass.
cards-number = Card number
cards-number-hint = Hold the card to a USB reader, or type the number: 8106606, 123,45678 or 04:A2:2F:B2.
cards-label = Label
cards-label-hint = To tell cards apart, for example “spare”.
cards-state = State
cards-usable = In use
cards-blocked = Blocked
cards-since = Added
cards-actions = Actions
cards-block = Block
cards-unblock = Unblock
cards-remove = Remove…
cards-add = Add the card
cards-remove-title = Remove card { $number }?
cards-remove-doors = It stops opening doors for { $name }, and somebody else may get it.
cards-remove-log = The entry log keeps what was passed with it.
cards-remove-instead = A lost card is better blocked: then nobody can get it by mistake.
cards-remove-do = Remove card { $number }
cards-remove-keep = Keep the card

face-title = Face
face-note = For terminals that know faces
face-none = No face yet
face-none-text = With a picture, terminals that know faces open doors without a card.
face-show = Show the face
face-recorded = Seeing it is recorded.
face-alternative = Face of { $name }
face-since = Added
face-by = By
face-size = Pixels
face-bytes = Size
face-file = Picture
face-replace = Another picture
face-hint = JPEG or PNG up to 5 MB, at least 240 pixels wide and high. One person, from the front, with even light.
face-upload = Upload the picture
face-replace-do = Replace the face
face-remove = Remove…
face-remove-title = Remove the face of { $name }?
face-remove-doors = Terminals stop knowing the face of { $name }. Cards go on opening doors.
face-remove-for-good = The picture is deleted and cannot be brought back.
face-remove-do = Remove the face
face-remove-keep = Keep the face
face-not-received = The picture did not arrive whole. Choose it again.

done-card-added = Card { $name } added
done-card-blocked = Card { $name } blocked
done-card-unblocked = Card { $name } opens doors again
done-card-removed = Card { $name } removed
done-face-set = Face stored
done-face-removed = Face removed

error-card-number-missing = Hold the card to the reader or type its number.
error-card-number-letters = A card number holds digits and the letters A to Z only. Check it for slips.
error-card-number-too-long = Terminals take card numbers of up to 32 letters and digits.
error-card-number-zero = Zero stands for no card. Type the number that is printed on it.
error-card-number-facility = Before and after the comma stand numbers up to 65535, as in 123,45678.
error-card-label = A label is one line of up to 60 letters.
error-card-taken = This card belongs to somebody else already.
error-card-taken-by = This card belongs to { $name } already.
error-too-many-cards = A person has at most ten cards. Remove one first.
error-face-too-large = The picture is larger than 5 MB. Make it smaller first.
error-face-unsupported = This is no JPEG or PNG picture. Choose another file.
error-face-broken = The picture is damaged. Save it anew, or choose another one.
error-face-too-many-pixels = The picture has more than 40 megapixels. Make it smaller first.
error-face-too-small = The picture is too small to know a face by: at least 240 pixels wide and high.
error-face-too-long = The picture is too long and narrow. Cut it to the face: one side at most three times the other.
error-face-lost = The picture is lost. Upload it anew.
